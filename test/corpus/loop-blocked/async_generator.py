# title: an async generator reads its source synchronously
# expect: loop-blocked
# exit: 0
import asyncio
import time


def next_page(number):
    time.sleep(0.15)  # expect: loop-blocked
    return list(range(number * 2, number * 2 + 2))


async def pages(count):
    for number in range(count):
        yield next_page(number)
        await asyncio.sleep(0)


async def main():
    async for page in pages(3):
        print(page)
        await asyncio.sleep(0.1)


asyncio.run(main())
