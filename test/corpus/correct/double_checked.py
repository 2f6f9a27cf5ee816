# title: double-checked locking of a singleton
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Config:
    _instance = None
    _lock = threading.Lock()

    @classmethod
    def get(cls):
        if cls._instance is None:
            with cls._lock:
                if cls._instance is None:
                    cls._instance = cls()
        return cls._instance


def use():
    for _ in range(20):
        Config.get()
        time.sleep(0.005)


ts = [threading.Thread(target=use) for _ in range(8)]
for t in ts:
    t.start()
for t in ts:
    t.join()
