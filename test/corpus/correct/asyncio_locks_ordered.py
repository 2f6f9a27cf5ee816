# title: asyncio locks always in the same order, with a timeout besides
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def use(a, b, n):
    async with a:
        async with b:
            await asyncio.sleep(0.005)


async def impatient(lock):
    try:
        await asyncio.wait_for(lock.acquire(), 0.5)
    except asyncio.TimeoutError:
        return False
    lock.release()
    return True


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(*(use(a, b, n) for n in range(6)))
    print(await impatient(b))


asyncio.run(main())
