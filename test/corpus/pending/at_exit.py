# title: tasks pending when asyncio.run ends
# expect: task-pending-at-exit
# exit: 0
import asyncio


async def upload(n):
    await asyncio.sleep(n)
    print("uploaded", n)


async def main():
    for n in (0.1, 3, 4):
        asyncio.ensure_future(upload(n))
    await asyncio.sleep(0.4)


asyncio.run(main())
