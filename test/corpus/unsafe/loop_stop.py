# title: loop.stop from another thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading
import time

loop = asyncio.new_event_loop()


async def tick():
    while True:
        await asyncio.sleep(0.05)


def stopper():
    time.sleep(0.3)
    loop.stop()  # expect: unsafe-loop-call


task = loop.create_task(tick())
threading.Thread(target=stopper).start()
loop.run_forever()
task.cancel()
loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
loop.close()
