# title: a process pool with few big items
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
from concurrent.futures import ProcessPoolExecutor, as_completed


def count(limit):
    return sum(1 for n in range(limit) if n % 7 == 3)


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        futures = {pool.submit(count, 1_000_000 + n): n for n in range(4)}
        print([f.result() for f in as_completed(futures)][:1])
