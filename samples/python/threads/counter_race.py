# title: A counter without a lock loses updates
# seeds: S05
# shows: four threads read, think and write back. The total is short: two threads read the same value and one of the two updates is gone. The data-race check (opt-in) names both lines.
# expect: nothing
# may: data-race
# not: deadlock hang
# timeout: 15
# exit: 0
"""The race on a shared counter; its cure is counter_locked.py."""

import threading
import time

THREADS = 4
UPDATES = 150


class Counter:
    def __init__(self) -> None:
        self.value = 0

    def increment(self) -> None:
        seen = self.value  # read
        time.sleep(0)  # the switch that can happen anywhere between two bytecodes
        self.value = seen + 1  # write: whatever others wrote in between is overwritten


def count(counter: Counter, start: threading.Barrier) -> None:
    start.wait()
    for turn in range(UPDATES):
        counter.increment()
        if turn % 10 == 0:
            time.sleep(0.005)


def main() -> None:
    counter = Counter()
    start = threading.Barrier(THREADS)
    threads = [
        threading.Thread(target=count, args=(counter, start), name=f"counter-{number}")
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = THREADS * UPDATES
    print(f"expected {expected}, counted {counter.value}, lost {expected - counter.value}")


if __name__ == "__main__":
    main()
