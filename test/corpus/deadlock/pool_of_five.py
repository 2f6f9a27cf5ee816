# title: five executor workers, five locks, one ring
# expect: deadlock
# timeout: 2
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

locks = [threading.RLock() for _ in range(5)]
start = threading.Barrier(5)


def eat(seat):
    left, right = locks[seat], locks[(seat + 1) % 5]
    left.acquire()
    try:
        start.wait()
        right.acquire()  # expect: deadlock
        right.release()
    finally:
        left.release()


with ThreadPoolExecutor(5) as pool:
    for done in [pool.submit(eat, seat) for seat in range(5)]:
        done.result()
