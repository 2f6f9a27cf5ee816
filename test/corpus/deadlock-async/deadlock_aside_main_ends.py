# title: two tasks are stuck, main finishes its own work and leaves
# expect: deadlock
# may: task-pending-at-exit
# timeout: 15
# exit: 0
import asyncio


async def swap(a, b):
    async with a:
        await asyncio.sleep(0.1)
        async with b:  # expect: deadlock
            pass


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    stuck = [asyncio.create_task(swap(a, b)), asyncio.create_task(swap(b, a))]
    for _ in range(18):
        await asyncio.sleep(0.1)
    print("main is done,", sum(t.done() for t in stuck), "of 2 swaps done")


asyncio.run(main())
