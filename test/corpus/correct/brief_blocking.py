# title: 20 ms of blocking in the loop now and then
# expect: nothing
# not: warning
# exit: 0
import asyncio
import time


async def handler():
    for _ in range(8):
        time.sleep(0.02)
        await asyncio.sleep(0.1)


asyncio.run(handler())
