# title: two instances' locks always in id order
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Account:
    def __init__(self, n):
        self.n, self.balance, self.lock = n, 100, threading.Lock()


def transfer(a, b, amount):
    first, second = (a, b) if id(a) < id(b) else (b, a)
    with first.lock, second.lock:
        a.balance -= amount
        b.balance += amount


accounts = [Account(n) for n in range(4)]


def random_walk(step):
    for n in range(30):
        transfer(accounts[n % 4], accounts[(n + step) % 4], 1)
        time.sleep(0.004)


ts = [threading.Thread(target=random_walk, args=(s,)) for s in (1, 2, 3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
