# title: the except branch of a task blocks
# expect: loop-blocked
# exit: 0
import asyncio
import time


async def flaky(n):
    await asyncio.sleep(0.02)
    try:
        return 1 / n
    except ZeroDivisionError:
        time.sleep(0.3)  # expect: loop-blocked
        return None
    finally:
        await asyncio.sleep(0)


async def main():
    print(await asyncio.gather(*map(flaky, range(3))))


asyncio.run(main())
