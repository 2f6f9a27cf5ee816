# title: a big message drained before the join
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
import multiprocessing as mp


def produce(q):
    q.put("x" * 1_000_000)
    q.put(None)


if __name__ == "__main__":
    q = mp.Queue()
    p = mp.Process(target=produce, args=(q,))
    p.start()
    print(sum(len(part) for part in iter(q.get, None)))
    p.join()
