# title: cancels a task from another thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading
import time


async def poll():
    while True:
        await asyncio.sleep(0.02)


def watchdog(task):
    time.sleep(0.2)
    task.cancel()  # expect: unsafe-loop-call


async def main():
    task = asyncio.create_task(poll())
    threading.Thread(target=watchdog, args=(task,)).start()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(main())
