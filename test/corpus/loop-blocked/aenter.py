# title: connects synchronously in __aenter__
# expect: loop-blocked
# exit: 0
import asyncio
import time


class Database:
    async def __aenter__(self):
        self.connection = self._connect()
        return self

    async def __aexit__(self, *exc):
        await asyncio.sleep(0)

    def _connect(self):
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            time.sleep(0.01)  # expect: loop-blocked
        return object()


async def main():
    await asyncio.sleep(0.02)
    async with Database() as db:
        print("connected", db.connection is not None)
        await asyncio.sleep(0.02)


asyncio.run(main())
