# title: three locks, each edge in a function of its own
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

db = threading.Lock()
cache = threading.RLock()
log = threading.Lock()


def read():
    with cache:
        with db:  # expect: lock-order-inversion
            pass


def write():
    time.sleep(0.15)
    with db:
        with log:  # expect: lock-order-inversion
            pass


def rotate():
    time.sleep(0.3)
    log.acquire()
    cache.acquire()  # expect: lock-order-inversion
    cache.release()
    log.release()


for f in (read, write, rotate):
    threading.Thread(target=f).start()
