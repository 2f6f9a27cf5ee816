# title: a shielded save outlives its waiter and is awaited
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def save():
    await asyncio.sleep(0.5)
    return "saved"


async def main():
    task = asyncio.ensure_future(save())
    try:
        await asyncio.wait_for(asyncio.shield(task), 0.1)
    except asyncio.TimeoutError:
        pass
    print(await task)


asyncio.run(main())
