# title: compresses a big body in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import zlib


def pack(body):
    return zlib.compress(body, 9)  # expect: loop-blocked


async def respond():
    body = bytes(range(256)) * 400_000
    await asyncio.sleep(0.02)
    return len(pack(body))


async def ticker():
    for _ in range(20):
        await asyncio.sleep(0.02)


async def main():
    await asyncio.gather(respond(), ticker())


asyncio.run(main())
