# title: Project: hand out work to processes
# seeds: S38 S14 S15 S16
# shows: one lane per worker process, each taking the next job as soon as it is free: long and short jobs balance out by themselves. A job that fails comes back as a failure, not as silence.
# expect: nothing
# may: oversubscribed
# not: warning
# timeout: 30
# exit: 0
"""A queue of jobs, a queue of results, a sentinel per worker."""

import multiprocessing
import os
import time
from collections import Counter
from typing import NamedTuple, Optional


class Job(NamedTuple):
    number: int
    limit: int


class Result(NamedTuple):
    number: int
    worker: int
    value: Optional[int]
    error: str


def perfect_numbers(limit: int) -> int:
    if limit < 0:
        raise ValueError(f"a limit below zero: {limit}")
    found = 0
    for number in range(2, limit):
        divisors = 1
        candidate = 2
        while candidate * candidate <= number:
            if number % candidate == 0:
                divisors += candidate
                if candidate != number // candidate:
                    divisors += number // candidate
            candidate += 1
        found += divisors == number
    return found


def work(jobs, results) -> None:
    for job in iter(jobs.get, None):
        try:
            results.put(Result(job.number, os.getpid(), perfect_numbers(job.limit), ""))
        except Exception as error:
            results.put(Result(job.number, os.getpid(), None, repr(error)))


def main() -> None:
    context = multiprocessing.get_context("spawn")
    jobs, results = context.Queue(), context.Queue()
    workers = [
        context.Process(target=work, args=(jobs, results), name=f"worker-{number}")
        for number in range(max(2, os.cpu_count() or 1))
    ]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    limits = [30_000, 2_000, 2_000, 2_000, 20_000, -1, 2_000, 30_000, 2_000, 20_000]
    for number, limit in enumerate(limits):
        jobs.put(Job(number, limit))
    for _ in workers:
        jobs.put(None)

    collected = [results.get() for _ in limits]  # drained before the join: a full pipe would keep them alive
    for worker in workers:
        worker.join()
    shares = Counter(result.worker for result in collected)
    print(f"{len(collected)} results in {time.perf_counter() - start:.2f} s; jobs per worker {sorted(shares.values())}")
    print("failed:", [(result.number, result.error) for result in collected if result.error])


if __name__ == "__main__":
    main()
