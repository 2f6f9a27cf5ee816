# title: a done callback that never asks for the outcome
# expect: task-exception-lost
# exit: 0
import asyncio

running = set()


async def refresh(key):
    await asyncio.sleep(0.05)
    return {}[key]


async def main():
    for key in "ab":
        task = asyncio.create_task(refresh(key))
        running.add(task)
        task.add_done_callback(running.discard)
    while running:
        await asyncio.sleep(0.05)


asyncio.run(main())
