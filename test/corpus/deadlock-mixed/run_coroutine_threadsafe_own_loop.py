# title: run_coroutine_threadsafe(...).result() on the loop's own thread
# expect: deadlock
# may: loop-blocked
# timeout: 3
# exit: timeout
import asyncio


async def read_setting():
    await asyncio.sleep(0)
    return 42


def setting(loop):
    future = asyncio.run_coroutine_threadsafe(read_setting(), loop)
    return future.result()  # expect: deadlock


async def main():
    print(setting(asyncio.get_running_loop()))


asyncio.run(main())
