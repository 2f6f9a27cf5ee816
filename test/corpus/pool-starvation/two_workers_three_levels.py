# title: three levels of waiting in a pool of two
# expect: pool-starvation
# timeout: 2
# exit: timeout
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2, thread_name_prefix="level")


def leaf():
    return 1


def middle():
    return pool.submit(leaf).result()


def top():
    return pool.submit(middle).result()


print(pool.submit(top).result())
