# title: a coroutine joins a thread that waits for the loop
# expect: deadlock
# may: loop-blocked
# timeout: 3
# exit: timeout
import asyncio
import threading
import time


async def store(value):
    return value


def worker(loop, values):
    time.sleep(0.2)
    for v in values:
        asyncio.run_coroutine_threadsafe(store(v), loop).result()  # expect: deadlock


async def main():
    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=worker, args=(loop, [1, 2, 3]))
    thread.start()
    thread.join()  # expect: deadlock


asyncio.run(main())
