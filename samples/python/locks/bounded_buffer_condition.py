# title: A bounded buffer made of one Condition
# seeds: S09
# shows: producers wait while the buffer is full, consumers while it is empty. The producers are faster here, so most of the waiting is on their side.
# expect: nothing
# may: lock-contention
# not: deadlock hang
# timeout: 15
# exit: 0
"""wait_for() with a predicate: woken is not the same as allowed, so each waiter looks again."""

import threading
import time
from collections import deque

CLOSED = object()


class BoundedBuffer:
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque = deque()
        self._changed = threading.Condition()
        self.deepest = 0

    def put(self, item) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self._capacity)
            self._items.append(item)
            self.deepest = max(self.deepest, len(self._items))
            self._changed.notify_all()

    def get(self):
        with self._changed:
            self._changed.wait_for(lambda: self._items)
            item = self._items.popleft()
            self._changed.notify_all()
            return item


def produce(buffer: BoundedBuffer, start: int, count: int) -> None:
    for number in range(start, start + count):
        time.sleep(0.01)
        buffer.put(number)


def consume(buffer: BoundedBuffer, taken: list) -> None:
    while True:
        item = buffer.get()
        if item is CLOSED:
            return
        time.sleep(0.03)
        taken.append(item)


def main() -> None:
    buffer = BoundedBuffer(capacity=5)
    taken: list = []
    producers = [
        threading.Thread(target=produce, args=(buffer, 1000 * number, 60), name=f"producer-{number}")
        for number in range(2)
    ]
    consumers = [
        threading.Thread(target=consume, args=(buffer, taken), name=f"consumer-{number}")
        for number in range(2)
    ]
    for thread in producers + consumers:
        thread.start()
    for thread in producers:
        thread.join()
    for _ in consumers:
        buffer.put(CLOSED)
    for thread in consumers:
        thread.join()
    print(f"{len(taken)} items passed through; the buffer was never deeper than {buffer.deepest}")


if __name__ == "__main__":
    main()
