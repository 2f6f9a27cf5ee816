# title: two Semaphore(1) used as locks
# expect: deadlock
# timeout: 3
# exit: timeout
from threading import Barrier, Semaphore, Thread

printer = Semaphore(1)
scanner = Semaphore(1)
meet = Barrier(2)


def copy():
    with scanner:
        meet.wait()
        with printer:  # expect: deadlock
            print("copied")


def calibrate():
    with printer:
        meet.wait()
        with scanner:  # expect: deadlock
            print("calibrated")


for job in (copy, calibrate):
    Thread(target=job).start()
