# title: asyncio.wait with a timeout, the rest cancelled and awaited
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def probe(n):
    await asyncio.sleep(n * 0.3)
    return n


async def main():
    tasks = [asyncio.create_task(probe(n)) for n in range(5)]
    done, pending = await asyncio.wait(tasks, timeout=0.7)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    print(sorted(t.result() for t in done))


asyncio.run(main())
