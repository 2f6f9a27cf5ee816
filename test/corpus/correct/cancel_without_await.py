# title: a ticker cancelled at the very end, collected by asyncio.run
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def ticker():
    while True:
        await asyncio.sleep(0.05)


async def main():
    t = asyncio.create_task(ticker())
    await asyncio.sleep(0.3)
    t.cancel()


asyncio.run(main())
