# title: queue.Queue.get in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import queue
import threading
import time

answers = queue.Queue()


def calculate():
    time.sleep(0.4)
    answers.put(42)


async def answer():
    return answers.get()  # expect: loop-blocked


async def main():
    threading.Thread(target=calculate).start()
    await asyncio.sleep(0.05)
    print(await answer())


asyncio.run(main())
