# title: a synchronized decorator, two services calling each other
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import functools
import threading
import time


def synchronized(fn):
    @functools.wraps(fn)
    def inner(self, *args):
        self.lock.acquire()
        try:
            return fn(self, *args)
        finally:
            self.lock.release()

    return inner


class Users:
    def __init__(self):
        self.lock = threading.RLock()

    @synchronized
    def touch(self):
        return 1

    @synchronized
    def rename(self):
        return groups.touch()


class Groups:
    def __init__(self):
        self.lock = threading.RLock()

    @synchronized
    def touch(self):
        return 2

    @synchronized
    def drop(self):
        return users.touch()


users, groups = Users(), Groups()
t = threading.Thread(target=users.rename)
t.start()
time.sleep(0.2)
u = threading.Thread(target=groups.drop)
v = threading.Thread(target=time.sleep, args=(0.1,))
u.start()
v.start()
t.join()
u.join()
