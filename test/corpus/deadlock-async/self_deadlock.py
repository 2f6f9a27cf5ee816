# title: one task takes one asyncio.Lock twice
# expect: deadlock
# timeout: 3
# exit: timeout
import asyncio


class Cache:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.data = {}

    async def get(self, key):
        async with self.lock:
            if key not in self.data:
                await self.fill(key)
            return self.data[key]

    async def fill(self, key):
        async with self.lock:  # expect: deadlock
            self.data[key] = key.upper()


async def main():
    print(await Cache().get("a"))


asyncio.run(main())
