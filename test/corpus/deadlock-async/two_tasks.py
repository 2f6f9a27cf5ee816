# title: two asyncio locks, two tasks
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


async def grab(first, second, mine, other):
    async with first:
        mine.set()
        await other.wait()
        async with second:  # expect: deadlock
            pass


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    x, y = asyncio.Event(), asyncio.Event()
    await asyncio.gather(grab(a, b, x, y), grab(b, a, y, x))


asyncio.run(main())
