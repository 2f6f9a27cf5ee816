# title: waits for the event of one instance while the other one is set
# expect: hang
# timeout: 3
# exit: timeout
import threading


class Service:
    def __init__(self):
        self.ready = threading.Event()

    def run(self):
        self.ready.set()


first, second = Service(), Service()
thread = threading.Thread(target=first.run)
thread.start()
second.ready.wait()  # expect: hang
thread.join()
