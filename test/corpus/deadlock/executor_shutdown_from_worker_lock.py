# title: leaves the pool's with block under a lock that a worker needs
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()


def task():
    with lock:  # expect: deadlock
        return 1


def run():
    lock.acquire()
    pool = ThreadPoolExecutor(2)
    pool.submit(task)
    pool.shutdown(wait=True)  # expect: deadlock
    lock.release()


run()
