# title: deep-copies a large structure in a task
# expect: loop-blocked
# exit: 0
import asyncio
import copy

STATE = {n: [n, str(n), {"k": [n]}] for n in range(60_000)}


async def snapshot():
    return copy.deepcopy(STATE)  # expect: loop-blocked


async def main():
    await asyncio.sleep(0.01)
    task = asyncio.create_task(snapshot())
    await task


asyncio.run(main())
