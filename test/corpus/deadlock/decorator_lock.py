# title: a synchronized decorator nests over two objects
# expect: deadlock
# timeout: 3
# exit: timeout
import functools
import threading
import time


def synchronized(method):
    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        with self._lock:  # expect: deadlock
            return method(self, *args, **kwargs)

    return wrapper


class Peer:
    def __init__(self, name):
        self.name = name
        self._lock = threading.RLock()

    @synchronized
    def bow(self, other):
        time.sleep(0.3)
        other.bow_back(self)

    @synchronized
    def bow_back(self, other):
        print(self.name, "bows back to", other.name)


alphonse, gaston = Peer("Alphonse"), Peer("Gaston")
threads = [
    threading.Thread(target=alphonse.bow, args=(gaston,)),
    threading.Thread(target=gaston.bow, args=(alphonse,)),
]
for t in threads:
    t.start()
for t in threads:
    t.join()
