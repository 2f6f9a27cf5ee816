# title: a task holds an asyncio lock while it waits for an item; the producer needs the lock
# expect: deadlock|hang
# timeout: 2
# exit: timeout
import asyncio


async def consumer(lock, queue):
    async with lock:
        return await queue.get()  # expect: deadlock|hang


async def producer(lock, queue):
    await asyncio.sleep(0.05)
    async with lock:
        await queue.put("item")


async def main():
    lock, queue = asyncio.Lock(), asyncio.Queue()
    await asyncio.gather(consumer(lock, queue), producer(lock, queue))


asyncio.run(main())
