# title: a task's done callback blocks
# expect: loop-blocked
# exit: 0
import asyncio
import time


async def fetch():
    await asyncio.sleep(0.05)
    return "body"


def save(task):
    text = task.result()
    time.sleep(0.22 if text else 0)  # expect: loop-blocked


async def main():
    task = asyncio.create_task(fetch())
    task.add_done_callback(save)
    await task
    await asyncio.sleep(0.1)


asyncio.run(main())
