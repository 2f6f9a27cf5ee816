# title: threading.Event.wait with a timeout in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import threading

started = threading.Event()


async def wait_until_started():
    return started.wait(timeout=0.4)  # expect: loop-blocked


async def main():
    await asyncio.sleep(0.02)
    print(await wait_until_started())
    await asyncio.sleep(0.02)


asyncio.run(main())
