# title: wait() without looking at the results
# expect: task-exception-lost
# exit: 0
import asyncio


async def check(n):
    await asyncio.sleep(0.02 * n)
    return 10 / (2 - n)


async def main():
    tasks = [asyncio.ensure_future(check(n)) for n in range(4)]
    done, pending = await asyncio.wait(tasks)
    print(len(done), "checks done")


asyncio.run(main())
