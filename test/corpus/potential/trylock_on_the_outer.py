# title: the try-lock is on the outer lock, the inner one waits for ever
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

disk, index = threading.Lock(), threading.Lock()


def scan():
    if disk.acquire(blocking=False):
        with index:  # expect: lock-order-inversion
            pass
        disk.release()


def merge():
    time.sleep(0.3)
    if index.acquire(timeout=1):
        disk.acquire()  # expect: lock-order-inversion
        disk.release()
        index.release()


for f in (scan, merge):
    threading.Thread(target=f).start()
