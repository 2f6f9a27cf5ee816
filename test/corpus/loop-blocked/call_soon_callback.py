# title: a callback scheduled by call_soon
# expect: loop-blocked
# exit: 0
import asyncio
import time


def flush(buffer):
    time.sleep(0.3)  # expect: loop-blocked
    buffer.clear()


async def main():
    buffer = ["a"]
    asyncio.get_running_loop().call_soon(flush, buffer)
    await asyncio.sleep(0.1)
    print(buffer)


asyncio.run(main())
