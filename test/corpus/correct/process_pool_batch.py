# title: a batch of computing in a pool of as many processes as there are cores
# expect: nothing
# not: warning
# exit: 0
import os
from concurrent.futures import ProcessPoolExecutor


def compute(n):
    total = 0
    for i in range(400_000):
        total += i ^ n
    return total


if __name__ == "__main__":
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        print(len(list(pool.map(compute, range(20 * os.cpu_count())))))
