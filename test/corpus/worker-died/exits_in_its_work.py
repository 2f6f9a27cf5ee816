# title: a worker of a multiprocessing.Pool exits in the middle of an item, and map waits for ever
# expect: worker-died
# not: deadlock
# timeout: 4
# exit: timeout
import multiprocessing
import os
import time


def square(number):
    time.sleep(0.05)
    if number == 2:
        os._exit(3)
    return number * number


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(6)))  # expect: worker-died
