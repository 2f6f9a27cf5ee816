# title: async for, async with, async comprehensions: one by one or all at once
# seeds: S21 S39
# shows: the first half is a staircase, each page begins when the last one ended; the second half is a wall, all pages side by side.
# expect: no-overlap
# not: warning
# timeout: 15
# exit: 0
"""An async comprehension awaits its items one after another; gather() awaits them together."""

import asyncio
import time
from contextlib import asynccontextmanager

PAGES = 16


class Catalogue:
    """An async iterator: __anext__ may wait."""

    def __init__(self, pages: int) -> None:
        self._left = iter(range(pages))

    def __aiter__(self) -> "Catalogue":
        return self

    async def __anext__(self) -> str:
        try:
            return f"/page/{next(self._left)}"
        except StopIteration:
            raise StopAsyncIteration from None


@asynccontextmanager
async def session():
    await asyncio.sleep(0.02)  # opens the connection
    try:
        yield "session"
    finally:
        await asyncio.sleep(0.02)  # closes it


async def fetch(url: str) -> int:
    await asyncio.sleep(0.15)
    return len(url)


async def one_by_one() -> int:
    async with session():
        return sum([await fetch(url) async for url in Catalogue(PAGES)])


async def all_at_once() -> int:
    async with session():
        urls = [url async for url in Catalogue(PAGES)]
        return sum(await asyncio.gather(*map(fetch, urls)))


async def main_async() -> None:
    for way in (one_by_one, all_at_once):
        start = time.perf_counter()
        total = await way()
        print(f"{way.__name__:<12} {time.perf_counter() - start:5.2f} s, {total} bytes")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
