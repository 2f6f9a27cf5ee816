# title: pure computation under a lock, four threads
# expect: lock-contention
# may: gil-bound long-hold
# not: deadlock hang
# exit: 0
import threading

histogram = {}
guard = threading.Lock()


def count(seed):
    for n in range(400):
        guard.acquire()  # expect: lock-contention
        try:
            for i in range(6000):
                key = (seed * 31 + i * n) % 97
                histogram[key] = histogram.get(key, 0) + 1
        finally:
            guard.release()


threads = [threading.Thread(target=count, args=(n,)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
