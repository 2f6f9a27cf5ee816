# title: a queue between processes and a SimpleQueue, whose consumers are too slow
# expect: queue-growth
# not: deadlock hang
# exit: 0
import multiprocessing
import queue
import threading
import time


def store(rows):
    while rows.get() is not None:
        time.sleep(0.012)


def write(lines):
    while lines.get() is not None:
        time.sleep(0.012)


if __name__ == "__main__":
    rows = multiprocessing.get_context("spawn").Queue()
    lines = queue.SimpleQueue()
    process = multiprocessing.get_context("spawn").Process(target=store, args=(rows,))
    thread = threading.Thread(target=write, args=(lines,))
    process.start()
    thread.start()
    time.sleep(0.5)
    for n in range(300):
        rows.put(n)
        lines.put(n)
        time.sleep(0.004)
    rows.put(None)
    lines.put(None)
    process.join()
    thread.join()
