# title: an unbounded asyncio.Queue
# expect: queue-growth
# may: task-pending-at-exit
# not: deadlock hang
# exit: 0
import asyncio


async def listen(q):
    for n in range(1500):
        q.put_nowait(n)
        await asyncio.sleep(0.0015)


async def store(q):
    while True:
        await q.get()
        await asyncio.sleep(0.02)


async def main():
    q = asyncio.Queue()
    consumer = asyncio.create_task(store(q))
    await listen(q)
    consumer.cancel()
    await asyncio.gather(consumer, return_exceptions=True)
    print(q.qsize())


asyncio.run(main())
