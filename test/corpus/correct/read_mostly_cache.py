# title: a cache with short locks, read a thousand times
# expect: nothing
# not: warning
# exit: 0
import threading
import time

lock = threading.Lock()
cache = {}


def lookup(key):
    with lock:
        if key in cache:
            return cache[key]
    value = key * key
    with lock:
        return cache.setdefault(key, value)


def reader(seed):
    for n in range(250):
        lookup((n * seed) % 10)
        if n % 25 == 0:
            time.sleep(0.01)


ts = [threading.Thread(target=reader, args=(s,)) for s in range(1, 6)]
for t in ts:
    t.start()
for t in ts:
    t.join()
