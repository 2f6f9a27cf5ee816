# title: asyncio's Lock, Event, Condition, Queue and Semaphore
# seeds: S20 S25
# shows: waits on task lanes, not on threads: one thread, and still tasks queue up for a lock, a permit, an item. The bounded queue holds the producer back.
# expect: nothing
# may: lock-contention
# not: deadlock hang loop-blocked lock-across-await queue-growth
# timeout: 15
# exit: 0
"""The same five ideas as in threading, between tasks: every wait is an await."""

import asyncio


class Kitchen:
    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.orders: asyncio.Queue = asyncio.Queue(maxsize=3)
        self.stoves = asyncio.Semaphore(2)
        self.till = asyncio.Lock()
        self.ready = asyncio.Condition()
        self.plates = 0
        self.takings = 0

    async def waiter(self, guests: int) -> None:
        await self.open.wait()
        for guest in range(guests):
            await self.orders.put(guest)  # waits while three orders are pending
        await self.orders.join()

    async def cook(self) -> None:
        while True:
            await self.orders.get()
            try:
                async with self.stoves:
                    await asyncio.sleep(0.15)
                async with self.ready:
                    self.plates += 1
                    self.ready.notify_all()
            finally:
                self.orders.task_done()

    async def cashier(self, guests: int) -> None:
        for served in range(1, guests + 1):
            async with self.ready:
                await self.ready.wait_for(lambda count=served: self.plates >= count)
            async with self.till:
                before = self.takings
                await asyncio.sleep(0.01)  # the card reader
                self.takings = before + 12


async def main_async() -> None:
    kitchen = Kitchen()
    cooks = [asyncio.create_task(kitchen.cook(), name=f"cook-{number}") for number in range(3)]
    waiter = asyncio.create_task(kitchen.waiter(20), name="waiter")
    cashier = asyncio.create_task(kitchen.cashier(20), name="cashier")
    await asyncio.sleep(0.2)
    kitchen.open.set()
    await asyncio.gather(waiter, cashier)
    for cook in cooks:
        cook.cancel()
    await asyncio.gather(*cooks, return_exceptions=True)
    print(f"{kitchen.plates} plates, {kitchen.takings} taken")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
