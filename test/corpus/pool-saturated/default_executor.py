# title: a small default executor behind many coroutines
# expect: pool-saturated
# not: deadlock hang
# exit: 0
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


def read_file(n):
    time.sleep(0.08)
    return n


async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=2))
    print(len(await asyncio.gather(*[loop.run_in_executor(None, read_file, n) for n in range(60)])))


asyncio.run(main())
