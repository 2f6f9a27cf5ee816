# title: a multiprocessing pool with a sensible chunk size
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
import multiprocessing as mp


def digits(n):
    return sum(map(int, str(7**n)))


if __name__ == "__main__":
    with mp.get_context("spawn").Pool(2) as pool:
        print(sum(pool.map(digits, range(2000, 2800), chunksize=100)))
        pool.close()
        pool.join()
