# title: parses and sorts a big table between two awaits
# expect: loop-blocked
# exit: 0
import asyncio
import csv
import io

TEXT = "\n".join(f"{n * 7919 % 100003},{n},name{n}" for n in range(400_000))


def rows():
    return list(csv.reader(io.StringIO(TEXT)))  # expect: loop-blocked


async def load():
    await asyncio.sleep(0)
    table = rows()
    await asyncio.sleep(0)
    return len(table)


asyncio.run(load())
