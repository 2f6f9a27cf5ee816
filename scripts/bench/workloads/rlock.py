"""An RLock taken twice, in a tight loop."""

import threading

from _size import sized

lock = threading.RLock()


def main() -> None:
    for _ in range(sized(1_500_000)):
        with lock:
            with lock:
                pass


main()
