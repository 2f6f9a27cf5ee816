# title: asyncio queue.join without task_done
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


async def worker(q):
    while True:
        n = await q.get()
        if n % 2:
            continue
        q.task_done()


async def main():
    q = asyncio.Queue()
    w = asyncio.create_task(worker(q))
    for n in range(4):
        await q.put(n)
    await q.join()  # expect: hang
    w.cancel()


asyncio.run(main())
