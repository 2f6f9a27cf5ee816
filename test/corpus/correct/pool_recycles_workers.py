# title: a pool that replaces each worker after five jobs
# expect: nothing
# not: warning
# exit: 0
import multiprocessing as mp
import os
import time


def parse(number):
    time.sleep(0.02)
    return os.getpid(), number


def main():
    with mp.Pool(2, maxtasksperchild=5) as pool:
        seen = pool.map(parse, range(40), chunksize=1)
        later = pool.apply_async(parse, (41,))
        print(later.get()[1])
    print(len({pid for pid, _ in seen}) > 2)


if __name__ == "__main__":
    main()
