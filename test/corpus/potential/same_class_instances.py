# title: two instances of one class, opposite order
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time


class Room:
    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()


def swap(one, two):
    with one.lock:
        with two.lock:  # expect: lock-order-inversion
            one.name, two.name = two.name, one.name


kitchen, bath = Room("kitchen"), Room("bath")
t = threading.Thread(target=swap, args=(kitchen, bath))
t.start()
timer = threading.Timer(0.3, swap, args=(bath, kitchen))
timer.start()
t.join()
timer.join()
