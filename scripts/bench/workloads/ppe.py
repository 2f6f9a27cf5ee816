"""Tiny tasks in a ProcessPoolExecutor."""

from concurrent.futures import ProcessPoolExecutor

from _size import sized


def tiny(number: int) -> int:
    return number + 1


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        assert sum(pool.map(tiny, range(sized(2_000)))) > 0
