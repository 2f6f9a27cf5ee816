# title: an asyncio gate lock around opposite orders
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def use(gate, first, second):
    for _ in range(4):
        async with gate:
            async with first, second:
                await asyncio.sleep(0.002)
        await asyncio.sleep(0.03)


async def main():
    gate, a, b = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(use(gate, a, b), use(gate, b, a))


asyncio.run(main())
