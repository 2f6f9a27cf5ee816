# title: the inner lock is three calls away
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

index = threading.Lock()
store = threading.Lock()
data = {}


def _write(key, value):
    with store:  # expect: lock-order-inversion
        data[key] = value


def _index(key):
    return _write(key, len(data))


def add(key):
    with index:
        _index(key)


def compact():
    time.sleep(0.3)
    with store:
        _rebuild()


def _rebuild():
    with index:  # expect: lock-order-inversion
        data.clear()


t1 = threading.Thread(target=lambda: [add(k) for k in "abc"])
t2 = threading.Thread(target=compact)
t1.start()
t2.start()
t1.join()
t2.join()
