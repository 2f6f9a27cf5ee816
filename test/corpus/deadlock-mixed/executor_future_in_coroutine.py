# title: a coroutine asks a thread future for its result while the work item waits for the loop
# expect: deadlock
# may: loop-blocked
# timeout: 3
# exit: timeout
import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)


async def token():
    return "secret"


def call_api(loop):
    header = asyncio.run_coroutine_threadsafe(token(), loop).result()  # expect: deadlock
    return header


async def main():
    loop = asyncio.get_running_loop()
    future = pool.submit(call_api, loop)
    return future.result()  # expect: deadlock


asyncio.run(main())
