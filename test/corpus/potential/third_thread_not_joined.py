# title: one reverse user is joined in time, another is not
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

a, b = threading.Lock(), threading.Lock()


def forward():
    with a:
        with b:  # expect: lock-order-inversion
            pass


def backward(delay):
    time.sleep(delay)
    with b:
        with a:  # expect: lock-order-inversion
            pass


first = threading.Thread(target=backward, args=(0,))
first.start()
first.join()
late = threading.Thread(target=backward, args=(0.5,))
late.start()
f = threading.Thread(target=forward)
f.start()
f.join()
late.join()
