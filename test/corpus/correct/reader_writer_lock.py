# title: a readers-writer lock made of a condition, used by many
# expect: nothing
# not: warning
# exit: 0
import contextlib
import threading
import time


class ReadersWriter:
    def __init__(self):
        self._changed = threading.Condition()
        self._readers = 0
        self._writing = False

    @contextlib.contextmanager
    def reading(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._writing)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def writing(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._writing and self._readers == 0)
            self._writing = True
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()


guard = ReadersWriter()
table = {}


def read():
    for _ in range(20):
        with guard.reading():
            table.get("x")
            time.sleep(0.001)


def write():
    for number in range(10):
        with guard.writing():
            table["x"] = number
        time.sleep(0.002)


threads = [threading.Thread(target=read) for _ in range(4)] + [threading.Thread(target=write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
