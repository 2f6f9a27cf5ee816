# title: a ProcessPoolExecutor's work items block on a lock the parent holds over result()
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor

lock = None


def init(shared):
    global lock
    lock = shared


def work(n):
    with lock:  # expect: deadlock
        return n * n


if __name__ == "__main__":
    shared = mp.Lock()
    with ProcessPoolExecutor(1, initializer=init, initargs=(shared,)) as pool:
        with shared:
            print(pool.submit(work, 3).result())  # expect: deadlock
