# title: an asyncio pipeline ended with queue.join and cancel
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def consumer(q, out):
    while True:
        item = await q.get()
        await asyncio.sleep(0.01)
        out.append(item)
        q.task_done()


async def main():
    q, out = asyncio.Queue(maxsize=5), []
    workers = [asyncio.create_task(consumer(q, out)) for _ in range(3)]
    for n in range(60):
        await q.put(n)
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print(len(out))


asyncio.run(main())
