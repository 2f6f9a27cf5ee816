# title: opposite orders that never meet, separated by sleeps
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

a = threading.Lock()
b = threading.Lock()


def early():
    with a:
        with b:  # expect: lock-order-inversion
            pass


def late():
    time.sleep(0.4)
    with b:
        with a:  # expect: lock-order-inversion
            pass


t, u = threading.Thread(target=early), threading.Thread(target=late)
t.start()
u.start()
t.join()
u.join()
