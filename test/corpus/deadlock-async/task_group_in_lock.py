# title: a TaskGroup under a lock its children want
# expect: deadlock
# requires: python>=3.11
# timeout: 3
# exit: timeout
import asyncio


async def write(lock, rows, n):
    async with lock:  # expect: deadlock
        rows.append(n)


async def main():
    lock, rows = asyncio.Lock(), []
    async with lock:
        async with asyncio.TaskGroup() as group:
            for n in range(3):
                group.create_task(write(lock, rows, n))


asyncio.run(main())
