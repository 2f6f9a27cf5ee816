# title: work in one pool waits for work in another
# expect: nothing
# not: warning
# exit: 0
import time
from concurrent.futures import ThreadPoolExecutor

outer, inner = ThreadPoolExecutor(2), ThreadPoolExecutor(2)


def leaf(n):
    time.sleep(0.02)
    return n


def branch(n):
    return sum(f.result() for f in [inner.submit(leaf, n), inner.submit(leaf, n + 1)])


print([f.result() for f in [outer.submit(branch, n) for n in range(4)]])
outer.shutdown()
inner.shutdown()
