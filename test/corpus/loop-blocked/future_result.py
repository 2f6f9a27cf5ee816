# title: concurrent future.result() in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def slow():
    time.sleep(0.4)
    return "slow answer"


async def main():
    with ThreadPoolExecutor(1) as pool:
        await asyncio.sleep(0.05)
        future = pool.submit(slow)
        print(future.result())  # expect: loop-blocked
        await asyncio.sleep(0.05)


asyncio.run(main())
