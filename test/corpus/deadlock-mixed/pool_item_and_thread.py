# title: a pool item waits for a lock, its owner waits for the pool item
# expect: deadlock
# timeout: 3
# exit: timeout
import concurrent.futures
import threading
import time

settings_lock = threading.RLock()


def apply(key):
    time.sleep(0.1)
    with settings_lock:  # expect: deadlock
        return key


def save_all(pool):
    with settings_lock:
        for result in pool.map(apply, ["a", "b", "c"]):  # expect: deadlock
            print(result)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    t = threading.Thread(target=save_all, args=(pool,))
    t.start()
    t.join()
