# title: tasks cancelled and awaited
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def watch():
    try:
        while True:
            await asyncio.sleep(0.1)
    finally:
        await asyncio.sleep(0.01)


async def main():
    watchers = [asyncio.create_task(watch()) for _ in range(4)]
    await asyncio.sleep(0.5)
    for w in watchers:
        w.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)


asyncio.run(main())
