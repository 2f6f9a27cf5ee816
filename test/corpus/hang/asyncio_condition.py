# title: an asyncio.Condition that is never notified
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


async def main():
    cond = asyncio.Condition()
    items = []

    async def take():
        async with cond:
            await cond.wait_for(lambda: items)  # expect: hang
            return items.pop()

    async def give():
        await asyncio.sleep(0.1)
        async with cond:
            items.append(1)

    await asyncio.gather(take(), give())


asyncio.run(main())
