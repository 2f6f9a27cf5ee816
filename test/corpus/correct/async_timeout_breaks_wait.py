# title: tasks in a circle of locks, each inner wait bounded by wait_for
# expect: nothing
# not: error
# may: lock-order-inversion
# exit: 0
import asyncio


async def use(first, second):
    for _ in range(3):
        async with first:
            await asyncio.sleep(0.02)
            try:
                await asyncio.wait_for(second.acquire(), 0.6)
            except asyncio.TimeoutError:
                continue
            second.release()
        await asyncio.sleep(0.01)


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(use(a, b), use(b, a))


asyncio.run(main())
