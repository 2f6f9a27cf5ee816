# title: parent awaits a task that needs the lock the parent holds
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


async def child(lock):
    async with lock:  # expect: deadlock
        return 1


async def parent():
    lock = asyncio.Lock()
    async with lock:
        task = asyncio.ensure_future(child(lock))
        return await task  # expect: deadlock


loop = asyncio.new_event_loop()
loop.run_until_complete(parent())
