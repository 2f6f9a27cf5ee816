# title: time.sleep in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import time


async def handler(n):
    await asyncio.sleep(0.05)
    time.sleep(0.25)  # expect: loop-blocked
    return n


async def main():
    print(await asyncio.gather(handler(1), handler(2)))


asyncio.run(main())
