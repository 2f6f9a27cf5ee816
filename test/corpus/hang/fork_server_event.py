# title: the workers of a pool that a fork server made wait for an event set by queued work
# expect: pool-starvation|deadlock|hang
# timeout: 4
# exit: timeout
# requires: fork
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor

event = None


def init(shared):
    global event
    event = shared


def first():
    event.wait()  # expect: pool-starvation|deadlock|hang


def second():
    event.set()


if __name__ == "__main__":
    context = mp.get_context("forkserver")
    shared = context.Event()
    with ProcessPoolExecutor(
        1, mp_context=context, initializer=init, initargs=(shared,)
    ) as pool:
        waiting = pool.submit(first)
        pool.submit(second)
        waiting.result()
