"""Two producers and two consumers on one bounded queue."""

import queue
import threading

from _size import sized

items: "queue.Queue[int | None]" = queue.Queue(100)


def produce(times: int) -> None:
    for number in range(times):
        items.put(number)


def consume() -> None:
    while items.get() is not None:
        pass


producers = [threading.Thread(target=produce, args=(sized(60_000),)) for _ in range(2)]
consumers = [threading.Thread(target=consume) for _ in range(2)]
for thread in producers + consumers:
    thread.start()
for thread in producers:
    thread.join()
for _ in consumers:
    items.put(None)
for thread in consumers:
    thread.join()
