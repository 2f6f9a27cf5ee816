# title: gather under a lock whose children want it
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


async def save(lock, rows, n):
    async with lock:  # expect: deadlock
        rows.append(n)


async def main():
    lock = asyncio.Lock()
    rows = []
    async with lock:
        await asyncio.gather(*(save(lock, rows, n) for n in range(3)))  # expect: deadlock
    print(rows)


asyncio.run(main())
