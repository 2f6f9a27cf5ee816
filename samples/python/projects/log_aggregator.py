# title: Project: one log out of many sources
# seeds: S36 S27
# shows: four sources, one merger. The sources wait when the merger's queue is full, and the merger's lane shows what it does with every batch.
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
"""Reader threads, a bounded queue, one merger that keeps the order of time and counts by level."""

import heapq
import queue
import random
import threading
import time
from collections import Counter
from typing import Iterator, NamedTuple


class Record(NamedTuple):
    at: float
    source: str
    level: str
    text: str


class EndOf(NamedTuple):
    source: str


def lines(source: str, count: int) -> Iterator[Record]:
    """Plays a log file that grows while it is read."""
    chance = random.Random(source)
    at = 0.0
    for number in range(count):
        pause = chance.uniform(0.002, 0.02)
        time.sleep(pause)
        at += pause
        level = chance.choices(["INFO", "WARNING", "ERROR"], [8, 2, 1])[0]
        yield Record(at, source, level, f"event {number}")


def read(source: str, count: int, merged: queue.Queue) -> None:
    try:
        for record in lines(source, count):
            merged.put(record)
    finally:
        merged.put(EndOf(source))  # also when reading fails: the merger counts on it


class Merger:
    """Holds records back until every living source has come past their time."""

    def __init__(self, sources: list) -> None:
        self.latest = dict.fromkeys(sources, 0.0)
        self.held: list = []
        self.levels: Counter = Counter()
        self.ordered: list = []

    def take(self, item) -> None:
        if isinstance(item, EndOf):
            del self.latest[item.source]
        else:
            self.latest[item.source] = item.at
            heapq.heappush(self.held, item)
        safe = min(self.latest.values(), default=float("inf"))
        while self.held and self.held[0].at <= safe:
            record = heapq.heappop(self.held)
            self.levels[record.level] += 1
            self.ordered.append(record)

    def run(self, merged: queue.Queue) -> None:
        while self.latest:
            self.take(merged.get())


def main() -> None:
    sources = ["web", "db", "auth", "mail"]
    merged: queue.Queue = queue.Queue(maxsize=50)
    merger = Merger(sources)
    threads = [threading.Thread(target=read, args=(name, 150, merged), name=name) for name in sources]
    threads.append(threading.Thread(target=merger.run, args=(merged,), name="merger"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    in_order = all(a.at <= b.at for a, b in zip(merger.ordered, merger.ordered[1:]))
    print(f"{len(merger.ordered)} records, in order: {in_order}, {dict(merger.levels)}")


if __name__ == "__main__":
    main()
