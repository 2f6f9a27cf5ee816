# title: opposite orders in phases of threads and of pools, each over before the next begins
# expect: nothing
# not: warning
# exit: 0
import threading
import time
from concurrent.futures import ThreadPoolExecutor

a, b = threading.Lock(), threading.Lock()


def load(n):
    # The first is joined last of all: the others have ended by then.
    time.sleep(0.05 if n == 0 else 0.005)
    with a:
        with b:
            pass


def save(n):
    time.sleep(0.05 if n == 0 else 0.005)
    with b:
        with a:
            pass


save(1)
for phase in (load, save):
    threads = [threading.Thread(target=phase, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

load(1)
for phase in (load, save):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(phase, range(3)))

with ThreadPoolExecutor(3) as pool:
    for phase in (load, save):
        for future in [pool.submit(phase, n) for n in range(3)]:
            future.result()
