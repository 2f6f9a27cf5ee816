# title: a ring of four, each edge by a worker of its own
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time


class Station:
    def __init__(self, name):
        self.name = name
        self.platform = threading.Lock()
        self.next = None

    def depart(self):
        with self.platform:
            with self.next.platform:  # expect: lock-order-inversion
                pass


line = [Station(n) for n in "ABCD"]
for here, there in zip(line, line[1:] + line[:1]):
    here.next = there
timers = [threading.Timer(0.12 * n, s.depart) for n, s in enumerate(line)]
for t in timers:
    t.start()
for t in timers:
    t.join()
