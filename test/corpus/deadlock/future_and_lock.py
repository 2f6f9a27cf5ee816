# title: result() under a lock that the work item needs
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
totals = {}


def compute(key):
    value = sum(range(1000))
    with lock:  # expect: deadlock
        totals[key] = value
    return value


def main():
    with ThreadPoolExecutor(4) as pool:
        with lock:
            future = pool.submit(compute, "a")
            print(future.result())  # expect: deadlock


if __name__ == "__main__":
    main()
