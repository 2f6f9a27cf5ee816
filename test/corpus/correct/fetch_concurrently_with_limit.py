# title: a semaphore limits forty fetches to eight
# expect: nothing
# not: deadlock hang loop-blocked long-hold
# may: lock-contention
# exit: 0
import asyncio


async def fetch(n, limit):
    async with limit:
        await asyncio.sleep(0.1)
        return n


async def main():
    limit = asyncio.Semaphore(8)
    print(sum(await asyncio.gather(*(fetch(n, limit) for n in range(40)))))


asyncio.run(main())
