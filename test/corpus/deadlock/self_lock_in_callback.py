# title: a listener called under the lock registers another listener
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


class Bus:
    def __init__(self):
        self.listeners = []
        self.lock = threading.Lock()

    def subscribe(self, fn):
        with self.lock:  # expect: deadlock
            self.listeners.append(fn)

    def publish(self, what):
        with self.lock:
            for fn in list(self.listeners):
                fn(what)


bus = Bus()


def greedy(what):
    bus.subscribe(print)


bus.subscribe(greedy)
t = threading.Thread(target=bus.publish, args=("hello",))
t.start()
t.join()
