"""An uncontended Lock in a tight loop."""

import threading

from _size import sized

lock = threading.Lock()


def main() -> None:
    for _ in range(sized(3_000_000)):
        with lock:
            pass


main()
