# title: many tasks keep the loop busy without a long step
# expect: loop-saturated
# not: deadlock hang
# exit: 0
import asyncio
import time


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass


async def session(until):
    n = 0
    while time.perf_counter() < until:
        spin(12)
        n += 1
        await asyncio.sleep(0)
    return n


async def main():
    until = time.perf_counter() + 2.5
    print(sum(await asyncio.gather(*(session(until) for _ in range(30)))))


asyncio.run(main())
