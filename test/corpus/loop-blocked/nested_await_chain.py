# title: the block is six awaits deep
# expect: loop-blocked
# exit: 0
import asyncio
import time


async def level(n):
    if n == 0:
        legacy()
        return 0
    return 1 + await level(n - 1)


def legacy():
    return helper(0.2)


def helper(seconds):
    time.sleep(seconds)  # expect: loop-blocked


async def main():
    await asyncio.sleep(0.05)
    print(await level(6))
    await asyncio.sleep(0.05)


asyncio.run(main())
