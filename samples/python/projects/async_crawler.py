# title: Project: a crawler with limits that can go on where it stopped
# seeds: S38 S37 S25
# shows: six crawler tasks around one queue; the frontier's depth rises and falls while a broken page is tried three times. A second run starts from the saved state and finds nothing left to do.
# expect: nothing
# may: lock-contention no-overlap
# not: deadlock hang loop-blocked
# timeout: 20
# exit: 0
"""Limit, rate, retry and persistence, on a loopback server whose pages link to each other."""

import asyncio
import json
import os
import re
import tempfile
import time

PAGES = 40


async def site(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Page n links to 2n+1 and 2n+2; every thirteenth is broken."""
    request = await reader.readline()
    number = int(re.search(rb"/(\d+)", request).group(1))
    await asyncio.sleep(0.05)
    links = [n for n in (2 * number + 1, 2 * number + 2) if n < PAGES]
    status = "500 Broken" if number % 13 == 12 else "200 OK"
    writer.write(f"HTTP/1.0 {status}\r\n\r\n{' '.join(f'href=/{n}' for n in links)}".encode())
    await writer.drain()
    writer.close()


class Crawler:
    def __init__(self, port: int, state_file: str, per_second: float) -> None:
        self._port = port
        self._state_file = state_file
        self._gap = 1 / per_second
        self._next_slot = 0.0
        self.done: dict = {}
        self._known = set()
        self._frontier: asyncio.Queue = asyncio.Queue()

    def load(self) -> None:
        if os.path.exists(self._state_file):
            with open(self._state_file, encoding="utf-8") as state:
                self.done = json.load(state)
            self._known.update(self.done)

    def save(self) -> None:
        with open(self._state_file, "w", encoding="utf-8") as state:
            json.dump(self.done, state)

    def add(self, path: str) -> None:
        if path not in self._known:
            self._known.add(path)
            self._frontier.put_nowait(path)

    async def _turn(self) -> None:
        """No two requests closer than the gap, whichever task sends them."""
        now = time.monotonic()
        self._next_slot = max(now, self._next_slot + self._gap)
        await asyncio.sleep(self._next_slot - now)

    async def _get(self, path: str) -> list:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            await writer.drain()
            answer = (await reader.read()).decode()
        finally:
            writer.close()
        if " 200 " not in answer.split("\r\n")[0]:
            raise OSError(answer.split("\r\n")[0])
        return re.findall(r"href=(/\d+)", answer)

    async def _crawl(self) -> None:
        while True:
            path = await self._frontier.get()
            try:
                for attempt in range(1, 4):
                    await self._turn()
                    try:
                        links = await asyncio.wait_for(self._get(path), timeout=1)
                    except (OSError, asyncio.TimeoutError):
                        self.done[path] = f"failed, {attempt} attempts"
                        await asyncio.sleep(0.05 * 2**attempt)
                        continue
                    self.done[path] = f"ok, {attempt} attempts"
                    for link in links:
                        self.add(link)
                    break
            finally:
                self._frontier.task_done()

    async def run(self, tasks: int) -> int:
        self.load()
        before = len(self.done)
        self.add("/0")
        crawlers = [asyncio.create_task(self._crawl(), name=f"crawler-{n}") for n in range(tasks)]
        await self._frontier.join()
        for crawler in crawlers:
            crawler.cancel()
        await asyncio.gather(*crawlers, return_exceptions=True)
        self.save()
        return len(self.done) - before


async def main_async() -> None:
    server = await asyncio.start_server(site, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        for run in ("first", "second"):
            crawler = Crawler(port, os.path.join(folder, "state.json"), per_second=25)
            start = time.perf_counter()
            found = await crawler.run(tasks=6)
            print(f"{run} run: {found} new pages in {time.perf_counter() - start:.2f} s")
        print({path: told for path, told in crawler.done.items() if not told.startswith("ok, 1")})
    server.close()


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
