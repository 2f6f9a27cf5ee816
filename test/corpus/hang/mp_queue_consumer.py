# title: process consumers, one sentinel too few
# expect: hang
# timeout: 4
# exit: timeout
import multiprocessing as mp


def consume(q):
    for item in iter(q.get, None):  # expect: hang
        pass


if __name__ == "__main__":
    q = mp.SimpleQueue()
    workers = [mp.Process(target=consume, args=(q,)) for _ in range(2)]
    for w in workers:
        w.start()
    for n in range(3):
        q.put(n)
    q.put(None)
    for w in workers:
        w.join()
