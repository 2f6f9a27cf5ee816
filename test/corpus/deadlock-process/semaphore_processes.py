# title: multiprocessing semaphores crossed by two workers
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp
import time


def run(name, first, second):
    first.acquire()
    time.sleep(0.4)
    second.acquire()  # expect: deadlock
    print(name)


if __name__ == "__main__":
    gpu, licence = mp.Semaphore(1), mp.BoundedSemaphore(1)
    jobs = [
        mp.Process(target=run, args=("render", gpu, licence)),
        mp.Process(target=run, args=("train", licence, gpu)),
    ]
    for j in jobs:
        j.start()
    for j in jobs:
        j.join()
