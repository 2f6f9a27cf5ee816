# title: The sentinel that one worker never gets
# seeds: S11
# shows: three workers, two sentinels. Two lanes end; the third waits in get() for ever, and main waits for it in join(). Nobody is left who could put anything.
# expect: hang
# not: deadlock
# timeout: 5
# exit: timeout
"""One sentinel per worker is the rule; worker_pool.py keeps it."""

import queue
import threading
import time

STOP = object()


def work(jobs: queue.Queue, done: list) -> None:
    while True:
        job = jobs.get()  # expect: hang
        if job is STOP:
            return
        time.sleep(0.02)
        done.append(job)


def main() -> None:
    jobs: queue.Queue = queue.Queue()
    done: list = []
    workers = [
        threading.Thread(target=work, args=(jobs, done), name=f"worker-{number}") for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for number in range(30):
        jobs.put(number)
    for _ in range(len(workers) - 1):  # the off-by-one
        jobs.put(STOP)
    for worker in workers:
        worker.join()
    print(f"{len(done)} jobs done")


if __name__ == "__main__":
    main()
