"""A small web service: requests parse JSON, look into a locked cache, ask a slow backend in threads, and answer."""

import asyncio
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Dict

from _size import sized

cache: Dict[str, str] = {}
lock = threading.Lock()


def backend(key: str) -> str:
    text = key
    for _ in range(60):
        text = hashlib.sha256(text.encode()).hexdigest()
    rows = [{"id": number, "name": text[number : number + 8]} for number in range(40)]
    return json.dumps(rows)


def lookup(key: str) -> str:
    with lock:
        found = cache.get(key)
    if found is None:
        found = backend(key)
        with lock:
            cache[key] = found
            if len(cache) > 200:
                cache.pop(next(iter(cache)))
    return found


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while line := await reader.readline():
        request = json.loads(line)
        body = await loop.run_in_executor(pool, lookup, request["key"])
        rows = sorted(json.loads(body), key=lambda row: row["name"])
        writer.write(json.dumps({"first": rows[0], "count": len(rows)}).encode() + b"\n")
        await writer.drain()
    writer.close()


async def client(port: int, number: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for turn in range(sized(60)):
        writer.write(json.dumps({"key": f"k{(number * 7 + turn * 13) % 400}"}).encode() + b"\n")
        await writer.drain()
        assert json.loads(await reader.readline())["count"] == 40
    writer.close()
    await writer.wait_closed()


async def main() -> None:
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await asyncio.gather(*(client(port, number) for number in range(40)))


with ThreadPoolExecutor(4) as pool:
    asyncio.run(main())
