"""Tiny tasks in a ThreadPoolExecutor."""

from concurrent.futures import ThreadPoolExecutor

from _size import sized


def tiny(number: int) -> int:
    return number + 1


with ThreadPoolExecutor(4) as pool:
    assert sum(pool.map(tiny, range(sized(20_000)))) > 0
