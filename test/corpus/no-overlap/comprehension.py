# title: an async comprehension that runs its tasks one by one
# expect: no-overlap
# not: warning
# exit: 0
import asyncio


async def price(article):
    await asyncio.sleep(0.1)
    return len(article)


async def main():
    articles = ["desk", "chair", "lamp", "shelf"] * 4
    print(sum([await asyncio.create_task(price(a)) for a in articles]))


asyncio.run(main())
