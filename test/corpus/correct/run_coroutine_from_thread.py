# title: a thread waits for the loop while the loop awaits the thread's future
# expect: nothing
# not: warning
# exit: 0
import asyncio
import threading


async def lookup(key):
    await asyncio.sleep(0.1)
    return key.upper()


def legacy(loop, lock):
    with lock:
        return asyncio.run_coroutine_threadsafe(lookup("a"), loop).result()


async def main():
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, legacy, loop, threading.Lock()))


asyncio.run(main())
