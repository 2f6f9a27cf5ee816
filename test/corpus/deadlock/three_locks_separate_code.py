# title: three locks in a ring, every thread its own code
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

users = threading.Lock()
orders = threading.Lock()
stock = threading.Lock()
e1, e2, e3 = threading.Event(), threading.Event(), threading.Event()


def place_order():
    with users:
        e1.set()
        e2.wait()
        with orders:  # expect: deadlock
            pass


def ship():
    with orders:
        e2.set()
        e3.wait()
        with stock:  # expect: deadlock
            pass


def recount():
    with stock:
        e3.set()
        e1.wait()
        with users:  # expect: deadlock
            pass


threads = [threading.Thread(target=f, name=f.__name__) for f in (place_order, ship, recount)]
for t in threads:
    t.start()
for t in threads:
    t.join()
