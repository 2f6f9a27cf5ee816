# title: a Condition as a monitor for a resource
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Tickets:
    def __init__(self, n):
        self._monitor = threading.Condition()
        self._free = n

    def __enter__(self):
        with self._monitor:
            while not self._free:
                self._monitor.wait()
            self._free -= 1

    def __exit__(self, *exc):
        with self._monitor:
            self._free += 1
            self._monitor.notify()


tickets = Tickets(2)


def visit():
    with tickets:
        time.sleep(0.15)


ts = [threading.Thread(target=visit) for _ in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
