"""asyncio's Lock, Semaphore and Queue."""

import asyncio

from _size import sized


async def lockers(lock: asyncio.Lock, semaphore: asyncio.Semaphore, times: int) -> None:
    for _ in range(times):
        async with lock:
            await asyncio.sleep(0)
        async with semaphore:
            pass


async def produce(items: "asyncio.Queue[int]", times: int) -> None:
    for number in range(times):
        await items.put(number)


async def consume(items: "asyncio.Queue[int]", times: int) -> None:
    for _ in range(times):
        await items.get()


async def main() -> None:
    times = sized(4_000)
    lock, semaphore = asyncio.Lock(), asyncio.Semaphore(3)
    items: "asyncio.Queue[int]" = asyncio.Queue(10)
    await asyncio.gather(
        *(lockers(lock, semaphore, times) for _ in range(8)),
        produce(items, times * 10),
        consume(items, times * 10),
    )


asyncio.run(main())
