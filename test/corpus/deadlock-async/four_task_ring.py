# title: four tasks, four asyncio locks, one ring, entered by enter_async_context
# expect: deadlock
# timeout: 2
# exit: timeout
import asyncio
import contextlib


async def visit(first, second):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(first)
        await asyncio.sleep(0.02)
        await stack.enter_async_context(second)  # expect: deadlock


async def main():
    locks = [asyncio.Lock() for _ in range(4)]
    await asyncio.gather(*(visit(locks[i], locks[(i + 1) % 4]) for i in range(4)))


asyncio.run(main())
