# title: Five slow answers, with the HTTP clients that people use
# seeds: S34 S13 S17
# shows: five requests of half a second each. One after the other they take two and a half; in threads, or on one event loop, the time of one.
# expect: nothing
# may: pool-idle tiny-tasks
# not: loop-blocked deadlock hang
# timeout: 30
# exit: 0
"""urllib always; requests, httpx and aiohttp where they are installed. The server is on this machine."""

import asyncio
import importlib
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUESTS = 5


class Slow(BaseHTTPRequestHandler):
    """Thinks for half a second."""

    def do_GET(self) -> None:
        time.sleep(0.5)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args) -> None:
        pass


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def one_after_the_other(url: str) -> list:
    return [get(url) for _ in range(REQUESTS)]


def urllib_in_threads(url: str) -> list:
    with ThreadPoolExecutor(REQUESTS, "urllib") as pool:
        return list(pool.map(get, [url] * REQUESTS))


def requests_in_threads(url: str) -> list:
    import requests

    # A session is made for one thread: five of them have one each.
    def fetch(_: int) -> bytes:
        with requests.Session() as session:
            return session.get(url, timeout=10).content

    with ThreadPoolExecutor(REQUESTS, "requests") as pool:
        return list(pool.map(fetch, range(REQUESTS)))


def httpx_on_a_loop(url: str) -> list:
    import httpx

    async def fetch_all() -> list:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            answers = await asyncio.gather(*(client.get(url) for _ in range(REQUESTS)))
            return [answer.content for answer in answers]

    return asyncio.run(fetch_all())


def aiohttp_on_a_loop(url: str) -> list:
    import aiohttp

    async def fetch_all() -> list:
        async with aiohttp.ClientSession() as session:

            async def fetch() -> bytes:
                async with session.get(url) as answer:
                    return await answer.read()

            return await asyncio.gather(*(fetch() for _ in range(REQUESTS)))

    return asyncio.run(fetch_all())


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    serving = threading.Thread(target=server.serve_forever, name="server")
    serving.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    for way in (
        one_after_the_other,
        urllib_in_threads,
        requests_in_threads,
        httpx_on_a_loop,
        aiohttp_on_a_loop,
    ):
        name = way.__name__.replace("_", " ")
        library = way.__name__.split("_")[0]
        if library in ("requests", "httpx", "aiohttp"):
            try:
                importlib.import_module(library)
            except ImportError:
                print(f"{name:<22} not here: pip install {library}")
                continue
        start = time.perf_counter()
        answers = way(url)
        print(f"{name:<22} {len(answers)} answers in {time.perf_counter() - start:.2f} s")
    server.shutdown()
    serving.join()
    server.server_close()


if __name__ == "__main__":
    main()
