# title: three event loops in three threads
# expect: nothing
# not: warning
# exit: 0
import asyncio
import threading


async def work(name):
    lock = asyncio.Lock()

    async def step(n):
        async with lock:
            await asyncio.sleep(0.01)

    await asyncio.gather(*(step(n) for n in range(5)))
    await asyncio.sleep(0.5)


ts = [threading.Thread(target=asyncio.run, args=(work(n),)) for n in "abc"]
for t in ts:
    t.start()
for t in ts:
    t.join()
