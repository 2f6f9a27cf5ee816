"""Many tasks that give way ten times each."""

import asyncio

from _size import sized


async def work() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def main() -> None:
    await asyncio.gather(*(work() for _ in range(sized(20_000))))


asyncio.run(main())
