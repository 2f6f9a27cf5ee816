# title: one side waits for ever, only the other has a timeout, on a different lock
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

a, b, c = threading.Lock(), threading.Lock(), threading.Lock()


def one():
    with a:
        if c.acquire(timeout=1):
            c.release()
        with b:  # expect: lock-order-inversion
            pass


def two():
    time.sleep(0.3)
    with b:
        with a:  # expect: lock-order-inversion
            pass


x = threading.Thread(target=one)
y = threading.Thread(target=two)
x.start()
y.start()
x.join()
y.join()
