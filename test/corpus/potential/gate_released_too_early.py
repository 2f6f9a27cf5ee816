# title: the gate is let go before the second lock is taken
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

gate, a, b = threading.Lock(), threading.Lock(), threading.Lock()


def one():
    gate.acquire()
    a.acquire()
    gate.release()
    with b:  # expect: lock-order-inversion
        time.sleep(0.01)
    a.release()


def two():
    time.sleep(0.3)
    gate.acquire()
    b.acquire()
    gate.release()
    with a:  # expect: lock-order-inversion
        pass
    b.release()


threading.Thread(target=one).start()
threading.Thread(target=two).start()
