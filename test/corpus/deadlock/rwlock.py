# title: a readers-writer lock made of primitives, upgraded by two readers
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import threading


class RWLock:
    def __init__(self):
        self._cond = threading.Condition()
        self._readers = 0

    def acquire_read(self):
        with self._cond:
            self._readers += 1

    def release_read(self):
        with self._cond:
            self._readers -= 1
            self._cond.notify_all()

    def upgrade(self):
        with self._cond:
            while self._readers > 1:
                self._cond.wait()  # expect: deadlock|hang


rw = RWLock()
both_reading = threading.Barrier(2)


def read_then_write():
    rw.acquire_read()
    both_reading.wait()
    rw.upgrade()
    rw.release_read()


ts = [threading.Thread(target=read_then_write) for _ in range(2)]
for t in ts:
    t.start()
for t in ts:
    t.join()
