# title: twelve fetches, one after another
# expect: no-overlap
# not: warning
# exit: 0
import asyncio


async def fetch(n):
    await asyncio.sleep(0.15)
    return n


async def main():
    pages = []
    for n in range(12):
        pages.append(await fetch(n))
    print(pages)


asyncio.run(main())
