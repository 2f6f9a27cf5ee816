# title: The cure by order: always the smaller number first
# seeds: S30
# shows: the same two transfers, back and forth, many times; whoever needs both accounts takes the one with the smaller number first, so no cycle can close.
# expect: nothing
# not: warning
# cure-of: deadlocks/two_locks_deadlock.py
# timeout: 15
# exit: 0
"""A total order over the locks makes a cycle of waits impossible."""

import itertools
import threading
import time


class Account:
    _numbers = itertools.count(1)

    def __init__(self, owner: str, balance: int) -> None:
        self.number = next(self._numbers)
        self.owner = owner
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source: Account, target: Account, amount: int) -> None:
    first, second = sorted((source, target), key=lambda account: account.number)
    with first.lock:
        with second.lock:
            source.balance -= amount
            target.balance += amount


def transfer_often(source: Account, target: Account, amount: int) -> None:
    for _ in range(40):
        transfer(source, target, amount)
        time.sleep(0.01)


def main() -> None:
    alice = Account("alice", 1000)
    bob = Account("bob", 1000)
    threads = [
        threading.Thread(target=transfer_often, args=(alice, bob, 10), name="alice-to-bob"),
        threading.Thread(target=transfer_often, args=(bob, alice, 20), name="bob-to-alice"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"alice {alice.balance}, bob {bob.balance}, together {alice.balance + bob.balance}")


if __name__ == "__main__":
    main()
