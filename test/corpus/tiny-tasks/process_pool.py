# title: one number per message to a process pool
# expect: tiny-tasks
# not: deadlock hang
# timeout: 30
# exit: 0
from concurrent.futures import ProcessPoolExecutor


def square(n):
    return n * n


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(square, range(3000))))
