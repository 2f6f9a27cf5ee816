# title: an ORM-like layer over sqlite without an executor
# expect: loop-blocked
# exit: 0
import asyncio
import sqlite3
import time


class Model:
    db = sqlite3.connect(":memory:")

    @classmethod
    def query(cls, sql, *args):
        return cls.db.execute(sql, args).fetchall()  # expect: loop-blocked


class Report(Model):
    @classmethod
    async def slow_sum(cls):
        sql = "with recursive c(n) as (select 1 union all select n+1 from c where n < 1500000) select sum(n) from c"
        return cls.query(sql)


async def main():
    await asyncio.sleep(0.05)
    start = time.monotonic()
    print(await Report.slow_sum())
    await asyncio.sleep(0.05)
    print("%.1f s" % (time.monotonic() - start))


asyncio.run(main())
