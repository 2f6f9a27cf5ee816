# title: puts into an asyncio.Queue from a thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading
import time


class Bridge:
    def __init__(self):
        self.queue = asyncio.Queue()

    def pump(self):
        for n in range(3):
            time.sleep(0.05)
            self.queue.put_nowait(n)  # expect: unsafe-loop-call


async def tick():
    while True:
        await asyncio.sleep(0.02)


async def main():
    bridge = Bridge()
    ticker = asyncio.ensure_future(tick())
    threading.Thread(target=bridge.pump).start()
    print([await bridge.queue.get() for _ in range(3)])
    ticker.cancel()


asyncio.run(main())
