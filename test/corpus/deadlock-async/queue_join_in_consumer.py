# title: a consumer awaits the join of its own queue before task_done
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import asyncio


async def consumer(q):
    while True:
        item = await q.get()
        if item == "flush":
            await q.join()  # expect: deadlock|hang
        q.task_done()


async def main():
    q = asyncio.Queue()
    task = asyncio.create_task(consumer(q))
    for item in ("a", "b", "flush"):
        q.put_nowait(item)
    await q.join()
    task.cancel()


asyncio.run(main())
