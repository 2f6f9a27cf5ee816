# title: The cure by time: give up, step back, try again
# seeds: S30 S39
# shows: an attempt on the second lock ends after 50 ms, the first lock is put back, and a random pause lets the other one pass. Opposite order, yet nobody waits for ever.
# expect: nothing
# may: lock-contention long-hold
# not: deadlock hang lock-order-inversion
# cure-of: deadlocks/two_locks_deadlock.py
# timeout: 15
# exit: 0
"""acquire(timeout=) with back-off, for locks whose order is not ours to choose."""

import random
import threading
import time


class Account:
    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source: Account, target: Account, amount: int, chance: random.Random) -> int:
    attempts = 0
    while True:
        attempts += 1
        with source.lock:
            time.sleep(0.005)  # looks up the exchange rate
            if target.lock.acquire(timeout=0.05):
                try:
                    source.balance -= amount
                    target.balance += amount
                    return attempts
                finally:
                    target.lock.release()
        time.sleep(chance.uniform(0.005, 0.05))  # no lock is held during the pause


def transfer_often(source: Account, target: Account, attempts: list) -> None:
    chance = random.Random(source.owner)
    for _ in range(12):
        attempts.append(transfer(source, target, 10, chance))
        time.sleep(0.02)


def main() -> None:
    alice = Account("alice", 1000)
    bob = Account("bob", 1000)
    attempts: list = []
    threads = [
        threading.Thread(target=transfer_often, args=(alice, bob, attempts), name="alice-to-bob"),
        threading.Thread(target=transfer_often, args=(bob, alice, attempts), name="bob-to-alice"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"alice {alice.balance}, bob {bob.balance}; {sum(attempts)} attempts for {len(attempts)} transfers")


if __name__ == "__main__":
    main()
