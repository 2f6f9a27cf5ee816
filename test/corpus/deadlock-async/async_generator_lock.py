# title: an async generator keeps its lock between items
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


class Table:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.rows = [1, 2, 3]

    async def scan(self):
        async with self.lock:
            for row in list(self.rows):
                yield row

    async def delete(self, row):
        await self.lock.acquire()  # expect: deadlock
        self.rows.remove(row)
        self.lock.release()


async def main():
    table = Table()
    async for row in table.scan():
        if row == 2:
            await table.delete(row)


asyncio.run(main())
