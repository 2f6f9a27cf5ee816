# title: an asyncio.Condition against a Lock
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


async def one(cond, lock):
    async with cond:
        await asyncio.sleep(0.1)
        async with lock:  # expect: deadlock
            cond.notify_all()


async def two(cond, lock):
    async with lock:
        await asyncio.sleep(0.1)
        async with cond:  # expect: deadlock
            pass


async def main():
    cond, lock = asyncio.Condition(), asyncio.Lock()
    await asyncio.wait([asyncio.ensure_future(one(cond, lock)), asyncio.ensure_future(two(cond, lock))])


asyncio.run(main())
