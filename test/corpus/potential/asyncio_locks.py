# title: asyncio locks in opposite order, apart in time
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import asyncio


async def use(first, second, delay):
    await asyncio.sleep(delay)
    async with first:
        await asyncio.sleep(0.01)
        async with second:  # expect: lock-order-inversion
            await asyncio.sleep(0.01)


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(use(a, b, 0), use(b, a, 0.3))


asyncio.run(main())
