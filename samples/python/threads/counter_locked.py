# title: The same counter with a lock
# seeds: S05
# shows: short holds of SafeCounter._lock on every lane, hardly any waiting, and no update lost.
# expect: nothing
# not: warning
# cure-of: threads/counter_race.py
# timeout: 15
# exit: 0
"""Read, change and write under one lock: nobody gets in between."""

import threading
import time

THREADS = 4
UPDATES = 150


class SafeCounter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = 0

    def increment(self) -> None:
        with self._lock:
            seen = self._value
            self._value = seen + 1

    @property
    def value(self) -> int:
        with self._lock:
            return self._value


def count(counter: SafeCounter, start: threading.Barrier) -> None:
    start.wait()
    for turn in range(UPDATES):
        counter.increment()
        if turn % 10 == 0:
            time.sleep(0.005)


def main() -> None:
    counter = SafeCounter()
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
