# title: asyncio.sleep without await in a retry loop
# expect: coroutine-never-awaited
# exit: 0
import asyncio


class Client:
    def __init__(self):
        self.attempts = 0

    async def fetch(self):
        self.attempts += 1
        if self.attempts < 4:
            raise ConnectionError
        return "body"

    async def fetch_with_retry(self):
        while True:
            try:
                return await self.fetch()
            except ConnectionError:
                asyncio.sleep(0.1)  # expect: coroutine-never-awaited


print(asyncio.run(Client().fetch_with_retry()))
