# title: an asyncio.Lock and a threading.Lock in opposite order
# expect: deadlock
# may: lock-across-await loop-blocked
# timeout: 3
# exit: timeout
import asyncio
import threading

mutex = threading.Lock()


async def one(alock):
    with mutex:
        await asyncio.sleep(0.2)
        async with alock:
            pass


async def two(alock):
    async with alock:
        await asyncio.sleep(0.1)
        with mutex:  # expect: deadlock
            pass


async def main():
    alock = asyncio.Lock()
    await asyncio.gather(one(alock), two(alock))


asyncio.run(main())
