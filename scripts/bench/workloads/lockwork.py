"""An uncontended Lock around a little work."""

import threading

from _size import sized

lock = threading.Lock()


def main() -> None:
    total = 0
    for number in range(sized(1_000_000)):
        with lock:
            total += number * number % 7
        total ^= len(str(number))


main()
