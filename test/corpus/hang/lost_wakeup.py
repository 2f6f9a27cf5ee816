# title: notify before wait, and no predicate
# expect: hang
# timeout: 3
# exit: timeout
import threading
import time

cond = threading.Condition()


def waiter():
    time.sleep(0.3)
    with cond:
        cond.wait()  # expect: hang


def notifier():
    with cond:
        cond.notify()


w = threading.Thread(target=waiter)
n = threading.Thread(target=notifier)
w.start()
n.start()
n.join()
w.join()
