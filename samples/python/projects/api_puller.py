# title: Project: pull an API fast, and be polite about it
# seeds: S37 S25 S26
# shows: forty tasks, eight requests at a time, retries with back-off where the server says 503. The loop is idle most of the time: there is room for more.
# expect: nothing
# may: lock-contention
# not: deadlock hang loop-blocked
# timeout: 20
# exit: 0
"""Concurrency limit, retry, timeout, and at the end the success rate, p95 and errors."""

import asyncio
import random
import time
from collections import Counter


async def api(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The other side: usually quick, sometimes slow, sometimes overloaded."""
    chance = random.Random(await reader.readline())
    while (await reader.readline()).strip():
        pass
    await asyncio.sleep(1.0 if chance.random() < 0.05 else chance.uniform(0.05, 0.2))
    status = "503 Busy" if chance.random() < 0.2 else "200 OK"
    writer.write(f"HTTP/1.0 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    await writer.drain()
    writer.close()


async def get(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        await writer.drain()
        status_line = await reader.readline()
        await reader.read()
        return int(status_line.split()[1])
    finally:
        writer.close()


async def pull(port: int, number: int, limit: asyncio.Semaphore, errors: Counter) -> float:
    """Seconds the item took, or NaN when it could not be had."""
    start = time.perf_counter()
    for attempt in range(4):
        async with limit:
            try:
                status = await asyncio.wait_for(get(port, f"/item/{number}?try={attempt}"), timeout=0.5)
            except asyncio.TimeoutError:
                status = 0
        if status == 200:
            return time.perf_counter() - start
        errors["timeout" if status == 0 else str(status)] += 1
        await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # not under the limit
    return float("nan")


async def main_async() -> None:
    server = await asyncio.start_server(api, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    limit = asyncio.Semaphore(8)
    errors: Counter = Counter()
    start = time.perf_counter()
    times = await asyncio.gather(*(pull(port, number, limit, errors) for number in range(60)))
    good = sorted(seconds for seconds in times if seconds == seconds)
    print(f"{len(good)} of {len(times)} items in {time.perf_counter() - start:.2f} s")
    print(f"p50 {good[len(good) // 2]:.2f} s, p95 {good[int(len(good) * 0.95)]:.2f} s; errors {dict(errors)}")
    server.close()
    await asyncio.sleep(0.8)  # the slowest handlers of the server come to their end


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
