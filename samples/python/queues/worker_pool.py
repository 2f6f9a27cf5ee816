# title: A worker pool of one's own, with back-pressure
# seeds: S11 S25
# shows: the depth of the job queue climbs to its limit and stays there: put() makes the producer wait instead of the memory grow. One sentinel per worker ends them all.
# expect: nothing
# not: deadlock hang queue-growth
# may: pool-saturated
# timeout: 15
# exit: 0
"""queue.Queue three ways: jobs with task_done and join, results by priority, undo steps last-in-first-out."""

import queue
import threading
import time

STOP = None


class WorkerPool:
    def __init__(self, workers: int, backlog: int) -> None:
        self.jobs: "queue.Queue" = queue.Queue(maxsize=backlog)
        self.results: "queue.PriorityQueue" = queue.PriorityQueue()
        self.threads = [
            threading.Thread(target=self._work, name=f"worker-{number}") for number in range(workers)
        ]
        for thread in self.threads:
            thread.start()

    def submit(self, priority: int, text: str) -> None:
        self.jobs.put((priority, text))

    def _work(self) -> None:
        while True:
            job = self.jobs.get()
            try:
                if job is STOP:
                    return
                priority, text = job
                time.sleep(0.06)
                self.results.put((priority, text.upper()))
            finally:
                self.jobs.task_done()

    def close(self) -> None:
        self.jobs.join()  # every job taken and marked done
        for _ in self.threads:
            self.jobs.put(STOP)
        for thread in self.threads:
            thread.join()


def main() -> None:
    pool = WorkerPool(workers=3, backlog=4)
    start = time.perf_counter()
    for number in range(60):
        pool.submit(priority=number % 5, text=f"job {number}")
    print(f"all submitted after {time.perf_counter() - start:.2f} s: put() waited for room")
    pool.close()

    undo: "queue.LifoQueue[str]" = queue.LifoQueue()
    while not pool.results.empty():
        priority, text = pool.results.get()
        undo.put(f"{text} (priority {priority})")
    print(f"{undo.qsize()} results, the last one first: {undo.get()}")


if __name__ == "__main__":
    main()
