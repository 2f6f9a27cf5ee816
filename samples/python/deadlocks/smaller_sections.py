# title: The cure by small sections: never hold one lock while taking another
# seeds: S30
# shows: every hold is short and alone on its lane; with no lock held while another is taken there is no order that could be wrong.
# expect: nothing
# not: warning
# cure-of: deadlocks/two_locks_deadlock.py
# timeout: 15
# exit: 0
"""Take out under one lock, let go, put in under the other: two small sections instead of one nested one."""

import threading
import time


class Account:
    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self._balance = balance
        self._lock = threading.Lock()

    def withdraw(self, amount: int) -> bool:
        with self._lock:
            if self._balance < amount:
                return False
            self._balance -= amount
            return True

    def deposit(self, amount: int) -> None:
        with self._lock:
            self._balance += amount

    @property
    def balance(self) -> int:
        with self._lock:
            return self._balance


def transfer(source: Account, target: Account, amount: int) -> bool:
    """Between the two steps the money is under way: in no account, but never lost."""
    if not source.withdraw(amount):
        return False
    target.deposit(amount)
    return True


def transfer_often(source: Account, target: Account, refused: list) -> None:
    for _ in range(40):
        if not transfer(source, target, 30):
            refused.append(source.owner)
        time.sleep(0.01)


def main() -> None:
    alice = Account("alice", 100)
    bob = Account("bob", 100)
    refused: list = []
    threads = [
        threading.Thread(target=transfer_often, args=(alice, bob, refused), name="alice-to-bob"),
        threading.Thread(target=transfer_often, args=(bob, alice, refused), name="bob-to-alice"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"together {alice.balance + bob.balance}, refused {len(refused)} times for want of money")


if __name__ == "__main__":
    main()
