# title: MapReduce: counting words over processes
# seeds: S16
# shows: worker lanes filled edge to edge while the map runs; a handful of large chunks instead of thousands of small messages. The initializer runs once per worker.
# expect: nothing
# may: oversubscribed
# not: tiny-tasks deadlock hang
# timeout: 40
# exit: 0
"""Pool with initializer and chunksize; primes, factorisation and word count as CPU-bound work."""

import os
import random
from collections import Counter
from functools import reduce
from multiprocessing import get_context

WORDS = "lock thread task queue loop event future process pool barrier".split()
stop_words: frozenset = frozenset()


def prepare(words: frozenset) -> None:
    """Once per worker: what every work item needs and nobody wants to send each time."""
    global stop_words
    stop_words = words


def write_text(seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choices(WORDS, k=30_000))


def map_count(seed: int) -> Counter:
    counts: Counter = Counter()
    for word in write_text(seed).split():
        if word not in stop_words:
            counts[word] += 1
    return counts


def merge(left: Counter, right: Counter) -> Counter:
    left.update(right)
    return left


def factorise(number: int) -> list:
    factors = []
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors + ([number] if number > 1 else [])


def main() -> None:
    workers = max(2, os.cpu_count() or 1)
    context = get_context("spawn")
    with context.Pool(workers, initializer=prepare, initargs=(frozenset({"lock"}),)) as pool:
        counts = reduce(merge, pool.imap_unordered(map_count, range(48), chunksize=4), Counter())
        numbers = [999_983 * (99_991 + offset) for offset in range(24)]
        factors = pool.map(factorise, numbers, chunksize=4)
        pool.close()
        pool.join()
    print("most frequent:", ", ".join(f"{word} {count}" for word, count in counts.most_common(3)))
    print(f"{numbers[0]} = {' x '.join(map(str, factors[0]))}")
    assert "lock" not in counts


if __name__ == "__main__":
    main()
