# title: tasks deadlock while a server task lives
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio
from contextlib import AsyncExitStack


async def ticker(state):
    while True:
        state["ticks"] += 1
        await asyncio.sleep(0.05)


async def update(names, locks):
    async with AsyncExitStack() as stack:
        for name in names:
            await stack.enter_async_context(locks[name])  # expect: deadlock
            await asyncio.sleep(0.1)


async def main():
    locks = {name: asyncio.Lock() for name in ("stock", "price")}
    asyncio.create_task(ticker({"ticks": 0}))
    await asyncio.gather(update(["stock", "price"], locks), update(["price", "stock"], locks))


asyncio.run(main())
