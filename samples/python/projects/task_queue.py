# title: Project: a small task queue with priorities, retries and results
# seeds: S38 S11 S26
# shows: urgent jobs overtake the others in the queue; a job that fails comes back later with its count one higher; one that takes too long is given up on by whoever waits for it.
# expect: nothing
# may: pool-saturated lock-contention
# not: deadlock hang queue-growth
# timeout: 15
# exit: 0
"""PriorityQueue for the order, Future for the result, a retry that goes to the back of the line."""

import itertools
import queue
import random
import threading
import time
from concurrent.futures import Future, TimeoutError as ResultTimeout
from typing import Callable, List, Tuple

URGENT, NORMAL, LATER = 0, 1, 2
STOP = 99  # behind everything else


class TaskQueue:
    def __init__(self, workers: int, retries: int) -> None:
        self._jobs: "queue.PriorityQueue" = queue.PriorityQueue(maxsize=200)
        self._order = itertools.count()  # same priority: first come, first served
        self._retries = retries
        self.retried = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"task-worker-{number}") for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], str], priority: int = NORMAL) -> Future:
        result: Future = Future()
        self._put(priority, work, result, attempt=1)
        return result

    def _put(self, priority: int, work, result, attempt: int) -> None:
        self._jobs.put((priority, next(self._order), work, result, attempt))

    def _work(self) -> None:
        while True:
            priority, _, work, result, attempt = self._jobs.get()
            if priority == STOP:
                return
            try:
                result.set_result(work())
            except Exception as error:  # whatever the job raises is the job's result
                if attempt > self._retries:
                    result.set_exception(error)
                else:
                    self.retried += 1
                    self._put(LATER, work, result, attempt + 1)

    def close(self) -> None:
        for _ in self._threads:
            self._put(STOP, None, None, 0)
        for thread in self._threads:
            thread.join()


def render(page: int, chance: random.Random) -> str:
    time.sleep(chance.uniform(0.03, 0.08))
    if chance.random() < 0.25:
        raise OSError(f"page {page}: printer jam")
    return f"page {page}"


def main() -> None:
    chance = random.Random(5)
    tasks = TaskQueue(workers=3, retries=2)
    finished: List[str] = []
    waiting: List[Tuple[str, Future]] = []
    for page in range(40):
        priority = URGENT if page >= 36 else NORMAL
        result = tasks.submit(lambda page=page: render(page, chance), priority)
        result.add_done_callback(lambda _, page=page: finished.append(str(page)))
        waiting.append((f"page {page}", result))
    slow = tasks.submit(lambda: time.sleep(1.0) or "slow", URGENT)
    try:
        slow.result(timeout=0.4)
    except ResultTimeout:
        print("nobody waits for the slow one any more")
    failed = [name for name, result in waiting if result.exception() is not None]
    tasks.close()
    print("finished first:", " ".join(finished[:10]))
    print(f"{len(waiting) - len(failed)} rendered, {tasks.retried} retries, given up on: {failed}")


if __name__ == "__main__":
    main()
