# title: mp.Pool.imap with chunksize 1
# expect: tiny-tasks
# not: deadlock hang
# timeout: 30
# exit: 0
import multiprocessing


def parity(n):
    return n % 2


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(sum(pool.imap(parity, range(5000))))
