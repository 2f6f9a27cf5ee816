# title: a worker of a ProcessPoolExecutor is killed in its work; the others' items go with it
# expect: worker-died
# not: deadlock hang
# exit: 0
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def geocode(number):
    time.sleep(0.02)
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def main():
    done = []
    try:
        with ProcessPoolExecutor(2) as pool:
            for result in pool.map(geocode, range(12)):  # expect: worker-died
                done.append(result)
    except BrokenProcessPool:
        print("given up after", len(done))


if __name__ == "__main__":
    main()
