# title: asyncio consumers outnumber the sentinels
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


async def consumer(q):
    while True:
        item = await q.get()  # expect: hang
        if item is None:
            return


async def main():
    q = asyncio.Queue()
    consumers = [asyncio.create_task(consumer(q)) for _ in range(3)]
    for n in range(5):
        q.put_nowait(n)
    await q.put(None)
    await asyncio.gather(*consumers)


asyncio.run(main())
