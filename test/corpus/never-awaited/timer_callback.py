# title: a timer whose callback makes a coroutine and drops it, while the same one is awaited elsewhere
# expect: coroutine-never-awaited
# exit: 0
import asyncio


class Hooks:
    def __init__(self):
        self.delivered = []

    async def notify(self, url):
        await asyncio.sleep(0.001)
        self.delivered.append(url)

    def retry_later(self, url):
        loop = asyncio.get_running_loop()
        loop.call_later(0.02, lambda: self.notify(url))  # expect: coroutine-never-awaited


async def main():
    hooks = Hooks()
    await hooks.notify("http://a")
    hooks.retry_later("http://b")
    await asyncio.sleep(0.1)
    print(hooks.delivered)


asyncio.run(main())
