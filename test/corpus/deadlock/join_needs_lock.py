# title: joins a thread that needs the lock the joiner holds
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time


class Poller:
    def __init__(self):
        self.lock = threading.Lock()
        self.running = True
        self.thread = threading.Thread(target=self.run, name="poller")
        self.thread.start()

    def run(self):
        while True:
            time.sleep(0.05)
            with self.lock:  # expect: deadlock
                if not self.running:
                    return

    def stop(self):
        with self.lock:
            self.running = False
            self.thread.join()  # expect: deadlock


p = Poller()
time.sleep(0.3)
p.stop()
