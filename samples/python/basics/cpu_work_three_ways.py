# title: The same CPU work serial, in threads and in processes
# seeds: S01 S33
# shows: three stretches on the timeline. Threads take turns on one core, so four of them finish no sooner than the loop did; processes really run side by side.
# expect: gil-bound
# not: deadlock hang lock-contention
# timeout: 40
# exit: 0
"""Concurrency is about structure, parallelism about cores: the GIL shows the difference."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import Thread

JOBS = 4
LIMIT = 120_000


def count_primes(limit: int) -> int:
    """Pure Python arithmetic: holds the GIL from the first line to the last."""
    found = 0
    for candidate in range(2, limit):
        divisor = 2
        while divisor * divisor <= candidate:
            if candidate % divisor == 0:
                break
            divisor += 1
        else:
            found += 1
    return found


def serial() -> list:
    return [count_primes(LIMIT) for _ in range(JOBS)]


def in_threads() -> list:
    results = [0] * JOBS

    def job(slot: int) -> None:
        results[slot] = count_primes(LIMIT)

    threads = [Thread(target=job, args=(slot,), name=f"primes-{slot}") for slot in range(JOBS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_processes() -> list:
    workers = min(JOBS, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(count_primes, [LIMIT] * JOBS))


def timed(label: str, work) -> float:
    start = time.perf_counter()
    results = work()
    elapsed = time.perf_counter() - start
    print(f"{label:<10} {elapsed:6.2f} s   {results[0]} primes below {LIMIT}, {JOBS} times")
    return elapsed


def main() -> None:
    baseline = timed("serial", serial)
    threads = timed("threads", in_threads)
    processes = timed("processes", in_processes)
    print(f"threads    {baseline / threads:4.2f} x the speed of serial")
    print(f"processes  {baseline / processes:4.2f} x, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
