# title: awaits a bare future nobody resolves
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


class Rpc:
    def __init__(self):
        self.pending = {}

    async def call(self, key):
        self.pending[key] = asyncio.get_running_loop().create_future()
        return await self.pending[key]  # expect: hang

    def on_reply(self, key, value):
        self.pending.pop(key, asyncio.get_running_loop().create_future()).set_result(value)


async def main():
    rpc = Rpc()
    asyncio.get_running_loop().call_later(0.1, rpc.on_reply, "b", 1)
    print(await rpc.call("a"))


asyncio.run(main())
