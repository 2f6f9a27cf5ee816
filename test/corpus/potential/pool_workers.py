# title: opposite orders on pool workers
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time
from concurrent.futures import ThreadPoolExecutor

read_lock = threading.Lock()
write_lock = threading.Lock()


def copy():
    time.sleep(0.05)  # or the one worker would be free again for the other work
    with read_lock:
        with write_lock:  # expect: lock-order-inversion
            return "copy"


def sync():
    time.sleep(0.3)
    with write_lock:
        with read_lock:  # expect: lock-order-inversion
            return "sync"


with ThreadPoolExecutor(2) as pool:
    print([f.result() for f in [pool.submit(copy), pool.submit(sync)]])
