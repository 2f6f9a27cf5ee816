# title: Raise the concurrency till it stops helping
# seeds: S31 S32
# shows: five stretches with 1, 2, 4, 8 and 16 workers. Throughput doubles until the service's four slots are full; after that only p95 grows. That bend is the knee.
# expect: nothing
# may: lock-contention pool-saturated pool-idle
# not: deadlock hang
# timeout: 30
# exit: 0
"""Baseline, repeats, percentiles: a measurement one can trust before changing a number."""

import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

REQUESTS = 24


class Service:
    """Answers in 50 ms, to four at a time: the fifth waits."""

    def __init__(self) -> None:
        self._slots = threading.Semaphore(4)

    def request(self, _: int) -> float:
        start = time.perf_counter()
        with self._slots:
            time.sleep(0.05)
        return time.perf_counter() - start


def percentile(values: list, share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run_level(service: Service, workers: int) -> tuple:
    start = time.perf_counter()
    with ThreadPoolExecutor(workers, f"level-{workers}") as pool:
        latencies = list(pool.map(service.request, range(REQUESTS)))
    return REQUESTS / (time.perf_counter() - start), latencies


def main() -> None:
    service = Service()
    service.request(0)  # warm up: the first time is never typical
    print(f"{os.cpu_count()} cores; min(32, 5 x cores) = {min(32, 5 * (os.cpu_count() or 1))}")
    print("workers  throughput   mean   stdev     min     p95     max")
    best = 0.0
    knee = None
    for workers in (1, 2, 4, 8, 16):
        throughput, latencies = run_level(service, workers)
        milliseconds = [latency * 1000 for latency in latencies]
        print(
            f"{workers:>7}  {throughput:8.1f}/s  {statistics.mean(milliseconds):5.0f}"
            f"  {statistics.stdev(milliseconds):6.1f}  {min(milliseconds):6.0f}"
            f"  {percentile(milliseconds, 0.95):6.0f}  {max(milliseconds):6.0f} ms"
        )
        if throughput > best * 1.15:
            best, knee = throughput, workers
    print(f"the knee is at {knee} workers")


if __name__ == "__main__":
    main()
