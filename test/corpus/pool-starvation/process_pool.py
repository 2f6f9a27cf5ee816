# title: work in a ProcessPoolExecutor waits for an event set by queued work
# expect: pool-starvation|deadlock|hang
# timeout: 4
# exit: timeout
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor

event = None


def init(e):
    global event
    event = e


def first():
    event.wait()  # expect: pool-starvation|deadlock|hang


def second():
    event.set()


if __name__ == "__main__":
    e = mp.Event()
    with ProcessPoolExecutor(1, initializer=init, initargs=(e,)) as pool:
        waiting = pool.submit(first)
        pool.submit(second)
        waiting.result()
