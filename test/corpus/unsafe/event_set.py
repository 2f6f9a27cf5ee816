# title: sets an asyncio.Event from a pool thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import time


async def main():
    done = asyncio.Event()

    def work():
        time.sleep(0.1)
        done.set()  # expect: unsafe-loop-call

    waiter = asyncio.ensure_future(done.wait())
    job = asyncio.get_running_loop().run_in_executor(None, work)
    while not waiter.done():
        await asyncio.sleep(0.02)
    await job


asyncio.run(main())
