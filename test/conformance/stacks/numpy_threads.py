"""numpy lets go of the GIL in threads, and its arrays cross processes."""
# requires: numpy

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy


def norm(seed: int) -> float:
    matrix = numpy.random.default_rng(seed).random((120, 120))
    return round(float(numpy.linalg.norm(matrix @ matrix)), 3)


def total(array: numpy.ndarray) -> float:
    return round(float(array.sum()), 3)


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        print(list(pool.map(norm, range(16))))
    shared, lock = numpy.zeros(1000), threading.Lock()

    def add() -> None:
        for _ in range(50):
            with lock:
                shared[:] += 1

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(shared[0], shared[-1])
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        print(processes.map(total, [numpy.arange(n) / 7 for n in range(1, 200, 20)]))
