# title: the main thread holds a lock and waits for a thread that waits for the same lock after a process result
# expect: deadlock
# timeout: 3
# may: fork-with-threads
# exit: timeout
import threading
from concurrent.futures import ProcessPoolExecutor


def square(number):
    return number * number


results_lock = threading.Lock()


def collect(pool, out):
    value = pool.submit(square, 7).result()
    with results_lock:  # expect: deadlock
        out.append(value)


def main():
    out = []
    with ProcessPoolExecutor(1) as pool:
        thread = threading.Thread(target=collect, args=(pool, out))
        with results_lock:
            thread.start()
            thread.join()  # expect: deadlock
    print(out)


if __name__ == "__main__":
    main()
