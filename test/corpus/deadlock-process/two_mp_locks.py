# title: two processes, two multiprocessing locks
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


def work(first, second, mine, other):
    with first:
        mine.set()
        other.wait()
        with second:  # expect: deadlock
            pass


if __name__ == "__main__":
    a, b = mp.Lock(), mp.Lock()
    x, y = mp.Event(), mp.Event()
    p = mp.Process(target=work, args=(a, b, x, y))
    q = mp.Process(target=work, args=(b, a, y, x))
    p.start()
    q.start()
    p.join()
    q.join()
