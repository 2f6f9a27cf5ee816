# title: five tasks, five asyncio locks
# expect: deadlock
# timeout: 4
# exit: timeout
import asyncio


class Fork(asyncio.Lock):
    pass


async def philosopher(n, forks, seated):
    async with forks[n]:
        seated.append(n)
        while len(seated) < len(forks):
            await asyncio.sleep(0.01)
        async with forks[(n + 1) % len(forks)]:  # expect: deadlock
            print(n, "eats")


async def main():
    forks, seated = [Fork() for _ in range(5)], []
    await asyncio.gather(*(philosopher(n, forks, seated) for n in range(5)))


asyncio.run(main())
