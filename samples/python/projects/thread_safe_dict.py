# title: Project: a dictionary for many threads
# seeds: S38 S05
# shows: short holds of SafeDict._lock on every lane. update_with() reads, computes and writes under one hold, so no update is lost and no caller needs a lock of its own.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""What callers do in two steps must be one method, or the lock guards nothing."""

import threading
import time
from typing import Any, Callable, Dict, Hashable, List, Tuple


class SafeDict:
    def __init__(self) -> None:
        self._lock = threading.RLock()  # re-entrant: update_with's function may read this dictionary
        self._data: Dict[Hashable, Any] = {}

    def get(self, key: Hashable, default: Any = None) -> Any:
        with self._lock:
            return self._data.get(key, default)

    def set(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._data[key] = value

    def update_with(self, key: Hashable, change: Callable[[Any], Any], default: Any) -> Any:
        with self._lock:
            value = change(self._data.get(key, default))
            self._data[key] = value
            return value

    def snapshot(self) -> List[Tuple[Hashable, Any]]:
        """A copy: iterating the live dictionary would race with its writers."""
        with self._lock:
            return list(self._data.items())

    def __len__(self) -> int:
        with self._lock:
            return len(self._data)


def count_words(words: List[str], counts: SafeDict) -> None:
    for number, word in enumerate(words):
        counts.update_with(word, lambda seen: seen + 1, default=0)
        if number % 20 == 0:
            time.sleep(0.005)


def watch(counts: SafeDict, stop: threading.Event) -> None:
    while not stop.wait(timeout=0.1):
        total = sum(count for _, count in counts.snapshot())
        print(f"  {len(counts)} words, {total} counted so far")


def main() -> None:
    text = "the lock guards the data and the data needs the lock".split() * 100
    counts = SafeDict()
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(counts, stop), name="watcher")
    watcher.start()
    counters = [
        threading.Thread(target=count_words, args=(text, counts), name=f"counter-{number}")
        for number in range(4)
    ]
    for thread in counters:
        thread.start()
    for thread in counters:
        thread.join()
    stop.set()
    watcher.join()
    print(f"'the' was counted {counts.get('the')} times, expected {4 * text.count('the')}")


if __name__ == "__main__":
    main()
