# title: transfers in both directions that always lock the smaller account number first
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Account:
    def __init__(self, number):
        self.number = number
        self.lock = threading.Lock()
        self.balance = 100


def transfer(one, two, amount):
    first, second = sorted((one, two), key=lambda account: account.number)
    with first.lock:
        with second.lock:
            one.balance -= amount
            two.balance += amount
            time.sleep(0.001)


accounts = [Account(number) for number in range(3)]


def back_and_forth(i, j):
    for _ in range(30):
        transfer(accounts[i], accounts[j], 1)
        time.sleep(0.001)
        transfer(accounts[j], accounts[i], 1)


threads = [threading.Thread(target=back_and_forth, args=pair) for pair in ((0, 1), (1, 2), (2, 0))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
