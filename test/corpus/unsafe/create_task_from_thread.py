# title: creates a task from another thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading

results = []


async def job(n):
    results.append(n)


def background(loop):
    loop.create_task(job(1))  # expect: unsafe-loop-call


async def main():
    threading.Thread(target=background, args=(asyncio.get_running_loop(),)).start()
    while not results:
        await asyncio.sleep(0.02)


asyncio.run(main())
