# title: A queue that only grows
# seeds: S25 S39
# shows: the depth of the queue climbs in a straight line: readings come ten times as fast as they are stored. Give the queue a maxsize and the producer waits instead.
# expect: queue-growth
# not: deadlock hang
# timeout: 15
# exit: 0
"""Back-pressure that is missing: put_nowait on a queue without a limit."""

import asyncio
import time


class Station:
    def __init__(self) -> None:
        self.readings: asyncio.Queue = asyncio.Queue()  # no maxsize: nothing ever says stop
        self.stored = 0

    async def measure(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.readings.put_nowait((time.time(), 21.5))
            await asyncio.sleep(0.002)

    async def store(self) -> None:
        while True:
            await self.readings.get()
            await asyncio.sleep(0.02)  # the database takes its time
            self.stored += 1


async def main_async() -> None:
    station = Station()
    writer = asyncio.create_task(station.store(), name="store")
    measuring = asyncio.create_task(station.measure(3.0), name="measure")
    for _ in range(3):
        await asyncio.sleep(0.9)
        print(f"waiting to be stored: {station.readings.qsize()}")
    await measuring
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    print(f"stored {station.stored}, lost {station.readings.qsize()}")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
