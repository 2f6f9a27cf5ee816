# title: Future.result inside the only worker of the same pool
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)


def inner(x):
    return x * 2


def outer(x):
    return pool.submit(inner, x).result() + 1  # expect: pool-starvation|deadlock


print(pool.submit(outer, 20).result())
