# title: a lock held while an async generator is drained
# expect: lock-across-await
# not: deadlock hang
# exit: 0
import asyncio
from threading import Lock

rows_lock = Lock()


async def rows():
    for n in range(4):
        await asyncio.sleep(0.03)
        yield n


async def total():
    with rows_lock:  # expect: lock-across-await
        return sum([n async for n in rows()])


async def main():
    print(await total())


asyncio.run(main())
