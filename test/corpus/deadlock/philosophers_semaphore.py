# title: philosophers with semaphores for forks
# expect: deadlock
# timeout: 4
# exit: timeout
import threading
import time

SEATS = 4
forks = [threading.Semaphore() for _ in range(SEATS)]


def philosopher(seat):
    left = forks[seat]
    right = forks[(seat + 1) % SEATS]
    left.acquire()
    time.sleep(0.3)
    right.acquire()  # expect: deadlock
    right.release()
    left.release()


for seat in range(SEATS):
    threading.Thread(target=philosopher, args=(seat,), name=f"philosopher {seat}").start()
