# title: joins a thread in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import threading
import time


async def shutdown(worker):
    await asyncio.sleep(0)
    worker.join()  # expect: loop-blocked


async def main():
    worker = threading.Thread(target=time.sleep, args=(0.5,))
    worker.start()
    await asyncio.sleep(0.1)
    await shutdown(worker)


asyncio.run(main())
