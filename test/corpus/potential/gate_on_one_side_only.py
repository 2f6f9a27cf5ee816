# title: a gate lock that only one of the two threads takes
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

gate, a, b = threading.Lock(), threading.Lock(), threading.Lock()


def careful():
    with gate, a:
        with b:  # expect: lock-order-inversion
            pass


def careless():
    time.sleep(0.3)
    with b:
        with a:  # expect: lock-order-inversion
            pass


for f in (careful, careless):
    threading.Thread(target=f).start()
