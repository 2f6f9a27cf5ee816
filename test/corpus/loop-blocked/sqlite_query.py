# title: a slow sqlite3 query inside a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import sqlite3

SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT sum(x) FROM n"


class Store:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:")

    def total(self):
        return self.connection.execute(SLOW).fetchone()[0]  # expect: loop-blocked


async def main():
    store = Store()
    await asyncio.sleep(0.01)
    print(store.total())
    await asyncio.sleep(0.01)


asyncio.run(main())
