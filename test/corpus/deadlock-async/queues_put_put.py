# title: two tasks fill each other's bounded queue
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import asyncio


async def talk(mine, theirs, name):
    for n in range(10):
        await theirs.put((name, n))
        await theirs.put((name, -n))  # expect: deadlock|hang
        await mine.get()


async def main():
    a, b = asyncio.Queue(1), asyncio.Queue(1)
    await asyncio.gather(talk(a, b, "left"), talk(b, a, "right"), return_exceptions=True)


asyncio.run(main())
