# title: two processes, mp locks in opposite order, apart in time
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import multiprocessing as mp
import time


def use(first, second, delay):
    time.sleep(delay)
    with first:
        with second:  # expect: lock-order-inversion
            time.sleep(0.02)


if __name__ == "__main__":
    a, b = mp.Lock(), mp.Lock()
    ps = [mp.Process(target=use, args=(a, b, 0)), mp.Process(target=use, args=(b, a, 0.4))]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
