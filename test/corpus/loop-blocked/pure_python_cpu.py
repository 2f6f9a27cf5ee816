# title: a pure Python calculation in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio


def variance(limit):
    return sum((n - limit / 2) ** 2 for n in range(limit)) / limit  # expect: loop-blocked


async def statistics():
    await asyncio.sleep(0.05)
    return variance(2_500_000)


async def main():
    print(await statistics())
    await asyncio.sleep(0.02)


asyncio.run(main())
