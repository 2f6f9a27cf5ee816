# title: gather(return_exceptions=True), inspected
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def ping(n):
    await asyncio.sleep(0.05)
    if n % 2:
        raise ConnectionError(n)
    return n


async def main():
    results = await asyncio.gather(*(ping(n) for n in range(6)), return_exceptions=True)
    print([r for r in results if not isinstance(r, Exception)])


asyncio.run(main())
