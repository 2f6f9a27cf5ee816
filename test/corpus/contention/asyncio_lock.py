# title: twenty tasks queue up for one asyncio.Lock
# expect: lock-contention
# may: long-hold no-overlap
# not: deadlock hang
# exit: 0
import asyncio


class Api:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def call(self, n):
        async with self.lock:  # expect: lock-contention
            await asyncio.sleep(0.08)
            return n


async def main():
    api = Api()
    print(len(await asyncio.gather(*(api.call(n) for n in range(20)))))


asyncio.run(main())
