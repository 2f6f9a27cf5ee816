# title: run_in_executor work waits for run_in_executor work in a full default pool
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
import asyncio
from concurrent.futures import ThreadPoolExecutor


def leaf():
    return 1


def branch(loop):
    async def nested():
        return await loop.run_in_executor(None, leaf)

    return asyncio.run_coroutine_threadsafe(nested(), loop).result()  # expect: pool-starvation|deadlock


async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(2))
    jobs = [loop.run_in_executor(None, branch, loop) for _ in range(2)]
    print(await asyncio.gather(*jobs))


asyncio.run(main())
