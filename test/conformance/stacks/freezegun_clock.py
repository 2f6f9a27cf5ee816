"""Frozen clocks in every module while threads, a pool and a queue work; the loop's own clock runs on."""
# requires: freezegun

import asyncio
import datetime
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from freezegun import freeze_time

lock, inbox = threading.Lock(), queue.Queue()


def work(number: int) -> int:
    with lock:
        inbox.put(number)
    return number * number


async def turns() -> list:
    own, seen = asyncio.Lock(), []

    async def one(number: int) -> None:
        async with own:
            await asyncio.sleep(0.001)
            seen.append(number)

    await asyncio.gather(*map(one, range(5)))
    return seen


for real_asyncio in (True, False):
    with freeze_time("2012-01-14 03:21:34", real_asyncio=real_asyncio) as frozen, ThreadPoolExecutor(2) as pool:
        print(sorted(pool.map(work, range(6))), inbox.qsize())
        if real_asyncio:
            print(asyncio.run(turns()))
        frozen.tick(5)
        print(datetime.datetime.now(), time.time(), time.monotonic())
