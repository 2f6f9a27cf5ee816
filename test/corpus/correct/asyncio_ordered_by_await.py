# title: asyncio locks in opposite order, one task awaited before the other begins
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def use(first, second):
    async with first:
        async with second:
            await asyncio.sleep(0.05)


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.create_task(use(a, b))
    await asyncio.create_task(use(b, a))


asyncio.run(main())
