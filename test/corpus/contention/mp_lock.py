# title: four processes share one mp.Lock
# expect: lock-contention
# may: long-hold
# not: deadlock hang
# exit: 0
import multiprocessing as mp
import time


def work(lock, value):
    for _ in range(20):
        with lock:  # expect: lock-contention
            time.sleep(0.015)
            value.value += 1


if __name__ == "__main__":
    lock, value = mp.Lock(), mp.Value("i", 0, lock=False)
    ps = [mp.Process(target=work, args=(lock, value)) for _ in range(4)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(value.value)
