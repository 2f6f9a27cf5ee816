# title: every crawler holds a permit and wants another for its links
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


async def crawl(url, depth, limit):
    async with limit:  # expect: deadlock
        await asyncio.sleep(0.05)
        if depth:
            await asyncio.gather(*[crawl(f"{url}/{n}", depth - 1, limit) for n in range(2)])


async def main():
    limit = asyncio.Semaphore(2)
    await asyncio.gather(crawl("a", 2, limit), crawl("b", 2, limit))


asyncio.run(main())
