# title: three asyncio locks in a ring with plain acquire
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


class Node:
    def __init__(self, name):
        self.name = name
        self.lock = asyncio.Lock()


async def link(one, two):
    await one.lock.acquire()
    await asyncio.sleep(0.2)
    await two.lock.acquire()  # expect: deadlock
    two.lock.release()
    one.lock.release()


async def main():
    nodes = [Node(c) for c in "abc"]
    tasks = [asyncio.create_task(link(nodes[i], nodes[(i + 1) % 3])) for i in range(3)]
    for task in tasks:
        await task


asyncio.run(main())
