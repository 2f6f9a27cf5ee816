# title: an exception picked up long after it happened
# expect: nothing
# not: warning
# exit: 0
import asyncio
from concurrent.futures import ThreadPoolExecutor


async def fail():
    raise ValueError("early")


def fail_in_pool():
    raise KeyError("early too")


async def main():
    with ThreadPoolExecutor(1) as pool:
        item = pool.submit(fail_in_pool)
        task = asyncio.create_task(fail())
        await asyncio.sleep(1.2)
        print(repr(task.exception()), repr(item.exception()))


asyncio.run(main())
