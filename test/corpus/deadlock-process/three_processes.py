# title: three processes in a ring of RLocks
# expect: deadlock
# timeout: 4
# exit: timeout
from multiprocessing import Barrier, Process, RLock


def step(mine, next_one, together):
    with mine:
        together.wait()
        next_one.acquire()  # expect: deadlock
        next_one.release()


if __name__ == "__main__":
    locks = [RLock() for _ in range(3)]
    together = Barrier(3)
    ps = [Process(target=step, args=(locks[i], locks[(i + 1) % 3], together)) for i in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
