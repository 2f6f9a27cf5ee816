# title: a gate RLock taken by the public methods
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Store:
    def __init__(self):
        self._all = threading.RLock()
        self._rows = threading.Lock()
        self._index = threading.Lock()

    def add(self):
        with self._all, self._rows:
            with self._index:
                pass

    def rebuild(self):
        with self._all, self._index, self._rows:
            pass


store = Store()


def loop(method):
    for _ in range(8):
        method()
        time.sleep(0.02)


a = threading.Thread(target=loop, args=(store.add,))
b = threading.Thread(target=loop, args=(store.rebuild,))
a.start()
b.start()
a.join()
b.join()
