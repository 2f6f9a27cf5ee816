# title: multiprocessing.pool.ThreadPool: apply inside apply
# expect: pool-starvation|deadlock
# timeout: 4
# exit: timeout
from multiprocessing.pool import ThreadPool

pool = ThreadPool(1)


def leaf():
    return 7


def root():
    return pool.apply(leaf) + 1  # expect: pool-starvation|deadlock


if __name__ == "__main__":
    print(pool.apply(root))
