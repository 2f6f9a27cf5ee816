# title: two tasks await each other
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio

tasks = {}


async def wait_for(name):
    await asyncio.sleep(0.1)
    return await asyncio.shield(tasks[name])  # expect: deadlock


async def main():
    tasks["a"] = asyncio.create_task(wait_for("b"))
    tasks["b"] = asyncio.create_task(wait_for("a"))
    await asyncio.wait(tasks.values())


asyncio.run(main())
