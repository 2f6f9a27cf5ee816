# title: a lock class of one's own around threading.Lock
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


class NamedLock:
    def __init__(self, name):
        self.name = name
        self._inner = threading.Lock()

    def __enter__(self):
        self._inner.acquire()  # expect: deadlock
        return self

    def __exit__(self, *exc):
        self._inner.release()


disk, net = NamedLock("disk"), NamedLock("net")
meet = threading.Barrier(2)


def upload():
    with disk:
        meet.wait()
        with net:
            pass


def download():
    with net:
        meet.wait()
        with disk:
            pass


threading.Thread(target=upload).start()
threading.Thread(target=download).start()
