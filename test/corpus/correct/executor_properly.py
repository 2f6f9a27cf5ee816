# title: blocking work in run_in_executor
# expect: nothing
# not: warning
# exit: 0
import asyncio
import time


def slow(n):
    time.sleep(0.3)
    return n


async def main():
    loop = asyncio.get_running_loop()
    jobs = [loop.run_in_executor(None, slow, n) for n in range(4)]
    print(await asyncio.gather(*jobs))


asyncio.run(main())
