# title: Five philosophers, five forks
# seeds: S30
# shows: a cycle of five. Each lane holds its left fork and waits for the right one, which is its neighbour's left.
# expect: deadlock
# may: lock-order-inversion
# not: hang
# timeout: 5
# exit: timeout
"""The oldest example there is: a cycle longer than two is still a cycle."""

import threading

NAMES = ["Hypatia", "Kant", "Zhuangzi", "Arendt", "Spinoza"]


class Fork:
    def __init__(self, number: int) -> None:
        self.number = number
        self.lock = threading.Lock()


class Philosopher(threading.Thread):
    def __init__(self, name: str, left: Fork, right: Fork, seated: threading.Barrier) -> None:
        super().__init__(name=name)
        self.left = left
        self.right = right
        self.seated = seated
        self.meals = 0

    def run(self) -> None:
        for _ in range(3):
            self.dine()

    def dine(self) -> None:
        with self.left.lock:
            self.seated.wait()
            with self.right.lock:  # expect: deadlock
                self.meals += 1


def main() -> None:
    forks = [Fork(number) for number in range(len(NAMES))]
    seated = threading.Barrier(len(NAMES))
    table = [
        Philosopher(name, forks[index], forks[(index + 1) % len(forks)], seated)
        for index, name in enumerate(NAMES)
    ]
    for philosopher in table:
        philosopher.start()
    for philosopher in table:
        philosopher.join()
    print(", ".join(f"{philosopher.name} ate {philosopher.meals} times" for philosopher in table))


if __name__ == "__main__":
    main()
