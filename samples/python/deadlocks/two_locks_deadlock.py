# title: Two locks taken in opposite order
# seeds: S30
# shows: both lanes turn blocked in the same instant and stay so: each transfer holds the account the other one wants. The cycle is drawn with both lines.
# expect: deadlock
# may: lock-order-inversion
# not: hang
# timeout: 5
# exit: timeout
"""The classic: transfer(a, b) beside transfer(b, a). The editor has a quick fix for it.

Other cures: two_locks_ordered.py, two_locks_timeout.py.
"""

import threading
import time


class Account:
    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source: Account, target: Account, amount: int) -> None:
    with source.lock:
        time.sleep(0.5)  # the unlucky moment that luck brings once a month, made to last
        with target.lock:  # expect: deadlock
            source.balance -= amount
            target.balance += amount


def main() -> None:
    alice = Account("alice", 100)
    bob = Account("bob", 100)
    threads = [
        threading.Thread(target=transfer, args=(alice, bob, 10), name="alice-to-bob"),
        threading.Thread(target=transfer, args=(bob, alice, 20), name="bob-to-alice"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"alice {alice.balance}, bob {bob.balance}")


if __name__ == "__main__":
    main()
