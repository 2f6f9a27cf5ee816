# title: A pipeline with errors set aside
# seeds: S27 S25 S38
# shows: producer, three parsers and a writer, with bounded queues between them. The depth of each queue tells the slowest stage; broken records go aside instead of stopping the line.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""Producer -> n processors -> consumer, ended by sentinels that each stage passes on."""

import asyncio
import random
from typing import NamedTuple

END = object()


class Broken(NamedTuple):
    line: str
    reason: str


async def read(lines: int, parsed_by: asyncio.Queue, parsers: int) -> None:
    chance = random.Random(7)
    for number in range(lines):
        await asyncio.sleep(0.005)
        value = "oops" if chance.random() < 0.1 else str(chance.randint(1, 100))
        await parsed_by.put(f"{number},{value}")
    for _ in range(parsers):
        await parsed_by.put(END)


async def parse(incoming: asyncio.Queue, outgoing: asyncio.Queue, aside: list) -> None:
    while True:
        line = await incoming.get()
        if line is END:
            await outgoing.put(END)
            return
        await asyncio.sleep(0.04)  # asks a service for the unit
        number, value = line.split(",")
        try:
            await outgoing.put((int(number), int(value)))
        except ValueError as error:
            aside.append(Broken(line, str(error)))


async def write(incoming: asyncio.Queue, producers: int) -> int:
    total = 0
    ended = 0
    while ended < producers:
        record = await incoming.get()
        if record is END:
            ended += 1
            continue
        await asyncio.sleep(0.005)
        total += record[1]
    return total


async def main_async() -> None:
    parsers = 3
    lines: asyncio.Queue = asyncio.Queue(maxsize=10)
    records: asyncio.Queue = asyncio.Queue(maxsize=10)
    aside: list = []
    stages = [asyncio.create_task(read(150, lines, parsers), name="read")]
    stages += [
        asyncio.create_task(parse(lines, records, aside), name=f"parse-{number}")
        for number in range(parsers)
    ]
    total = await write(records, parsers)
    await asyncio.gather(*stages)
    print(f"total {total}; {len(aside)} broken lines set aside, the first: {aside[0]}")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
