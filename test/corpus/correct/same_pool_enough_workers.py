# title: work waits for work in the same pool, which is big enough
# expect: nothing
# not: warning
# exit: 0
import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(8)


def leaf(n):
    time.sleep(0.1)
    return n


def branch(n):
    return pool.submit(leaf, n).result()


print(sum(f.result() for f in [pool.submit(branch, n) for n in range(3)]))
pool.shutdown()
