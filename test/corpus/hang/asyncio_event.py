# title: an asyncio.Event that nobody sets
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


async def connection(ready):
    await asyncio.sleep(0.05)


async def main():
    ready = asyncio.Event()
    task = asyncio.create_task(connection(ready))
    await ready.wait()  # expect: hang
    await task


asyncio.run(main())
