# title: a slow reader empties the queue of a process, whose feeder waits meanwhile, and joins it then
# expect: nothing
# not: warning
# exit: 0
import multiprocessing as mp
import time


def produce(q):
    for number in range(30):
        q.put(bytes(20_000))


if __name__ == "__main__":
    q = mp.Queue()
    p = mp.Process(target=produce, args=(q,))
    p.start()
    got = 0
    for _ in range(30):
        time.sleep(0.05)
        got += len(q.get())
    p.join()
    print(got)
