# title: two tasks in a circle of locks, each inside asyncio.timeout()
# expect: nothing
# not: error
# may: lock-order-inversion
# requires: python>=3.11
# exit: 0
import asyncio


async def use(first, second, seconds):
    async with first:
        await asyncio.sleep(0.05)
        try:
            async with asyncio.timeout(seconds):
                async with second:
                    pass
        except TimeoutError:
            pass


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(use(a, b, 1.5), use(b, a, 1.7))


asyncio.run(main())
