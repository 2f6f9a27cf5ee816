# title: A deadlock that did not happen this time
# seeds: S30
# shows: the run ends well, since the two transfers never meet. The order of the two locks is opposite all the same, and the lock-order graph shows the cycle before it ever closes.
# expect: lock-order-inversion
# not: deadlock hang
# timeout: 15
# exit: 0
"""Tests pass, production hangs: opposite orders that only rarely overlap."""

import threading
import time


class Account:
    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source: Account, target: Account, amount: int) -> None:
    with source.lock:
        with target.lock:  # expect: lock-order-inversion
            source.balance -= amount
            target.balance += amount


def morning_run(alice: Account, bob: Account) -> None:
    for _ in range(5):
        transfer(alice, bob, 10)
        time.sleep(0.05)


def evening_run(alice: Account, bob: Account) -> None:
    time.sleep(0.6)  # later in the day
    for _ in range(5):
        transfer(bob, alice, 10)
        time.sleep(0.05)


def main() -> None:
    alice = Account("alice", 100)
    bob = Account("bob", 100)
    threads = [
        threading.Thread(target=morning_run, args=(alice, bob), name="morning"),
        threading.Thread(target=evening_run, args=(alice, bob), name="evening"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"alice {alice.balance}, bob {bob.balance}: all is well, this time")


if __name__ == "__main__":
    main()
