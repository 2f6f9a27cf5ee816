# title: a coroutine called and dropped
# expect: coroutine-never-awaited
# exit: 0
import asyncio


async def save(row):
    await asyncio.sleep(0.01)
    print("saved", row)


async def main():
    for row in range(3):
        save(row)  # expect: coroutine-never-awaited
    await asyncio.sleep(0.05)


asyncio.run(main())
