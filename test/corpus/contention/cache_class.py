# title: a cache that computes under its lock
# expect: lock-contention
# may: long-hold
# not: deadlock hang
# exit: 0
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Cache:
    def __init__(self):
        self._lock = threading.RLock()
        self._data = {}

    def get(self, key):
        with self._lock:  # expect: lock-contention
            if key not in self._data:
                self._data[key] = self._load(key)
            return self._data[key]

    def _load(self, key):
        time.sleep(0.03)
        return key * 2


cache = Cache()
with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(cache.get, range(60))))
