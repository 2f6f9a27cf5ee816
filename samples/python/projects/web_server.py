# title: Project: a small web server with routes, middleware and static files
# seeds: S38 S22 S23 S40
# shows: a thousand connections on one thread, each kept open for several requests; files are read in threads, so that the loop's lag stays low while they come from the disk.
# expect: nothing
# may: loop-saturated loop-blocked pool-saturated
# not: deadlock hang
# timeout: 60
# exit: 0
"""HTTP/1.1 over asyncio streams: a table of routes, middleware wrapped around it, files from a folder and from nowhere else."""

import asyncio
import functools
import itertools
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Awaitable, Callable, Dict, NamedTuple, Tuple

CONNECTIONS = 1000
REQUESTS = ("/", "/hello/ada", "/static/page.html", "/static/../secret.txt", "/boom", "/nowhere")
REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error"}


class Request(NamedTuple):
    number: int
    method: str
    path: str


class Response(NamedTuple):
    status: int
    body: bytes
    type: str = "text/plain"


Handler = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Handler], Handler]


class Server:
    def __init__(self, *middleware: Middleware) -> None:
        self._routes: Dict[Tuple[str, str], Handler] = {}
        self._folders: Dict[str, Path] = {}
        self._numbers = itertools.count(1)
        # The first one named is the outermost: it sees the request first and the response last.
        self._handle: Handler = functools.reduce(
            lambda inner, wrap: wrap(inner), reversed(middleware), self._route
        )

    def route(self, method: str, prefix: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self._routes[method, prefix] = handler
            return handler

        return add

    def static(self, prefix: str, folder: Path) -> None:
        self._folders[prefix] = folder.resolve()

    async def _route(self, request: Request) -> Response:
        for prefix, folder in self._folders.items():
            if request.method == "GET" and request.path.startswith(prefix):
                return await self._file(folder, request.path[len(prefix) :])
        handler = self._routes.get((request.method, request.path))
        parent = request.path[: request.path.rfind("/") + 1]
        if handler is None and parent != "/":  # `/hello/` answers for everything in it
            handler = self._routes.get((request.method, parent))
        return await handler(request) if handler else Response(404, b"no such page\n")

    async def _file(self, folder: Path, name: str) -> Response:
        path = (folder / name).resolve()
        if folder not in path.parents:
            return Response(404, b"no such file\n")  # outside: as if it were not there
        try:
            # A disk may take its time, and the loop would wait with it.
            body = await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)
        except OSError:
            return Response(404, b"no such file\n")
        return Response(200, body, "text/html")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
                response = await self._handle(Request(next(self._numbers), method, path))
                writer.write(
                    f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n"
                    f"Content-Type: {response.type}\r\nContent-Length: {len(response.body)}\r\n\r\n".encode()
                    + response.body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone: the usual end of a connection
        finally:
            writer.close()


def logged(lines: list) -> Middleware:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            start = time.perf_counter()
            response = await inner(request)
            entry = {"request": request.number, "path": request.path, "status": response.status}
            lines.append(
                json.dumps({**entry, "ms": round((time.perf_counter() - start) * 1000, 3)})
            )
            return response

        return handle

    return wrap


def guarded(inner: Handler) -> Handler:
    """One request's mistake is that request's answer, not the server's end."""

    async def handle(request: Request) -> Response:
        try:
            return await inner(request)
        except Exception as mistake:
            return Response(500, f"{type(mistake).__name__}\n".encode())

    return handle


def connections_allowed() -> int:
    """Each connection takes two file descriptors here, since both ends live in one process."""
    try:
        import resource
    except ImportError:
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + 100
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(CONNECTIONS, (soft - 100) // 2)


async def client(
    port: int, everybody: "asyncio.Future[None]", arrived: list, total: int, seen: Counter
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    arrived.append(port)
    if len(arrived) == total:
        everybody.set_result(None)
    await everybody  # all connections are open at once
    for path in REQUESTS:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            line for line in head.decode().split("\r\n") if line.startswith("Content-Length: ")
        )
        await reader.readexactly(int(length.rpartition(" ")[2]))
        seen[f"{path} {int(head.split(b' ')[1])}"] += 1
    writer.close()
    await writer.wait_closed()


def build(folder: Path, lines: list) -> Server:
    server = Server(logged(lines), guarded)
    server.static("/static/", folder)

    @server.route("GET", "/")
    async def home(_request: Request) -> Response:
        return Response(200, b"home\n")

    @server.route("GET", "/hello/")
    async def hello(request: Request) -> Response:
        await asyncio.sleep(0.01)  # somewhere a database answers
        return Response(200, f"hello {request.path.rpartition('/')[2]}\n".encode())

    @server.route("GET", "/boom")
    async def boom(_request: Request) -> Response:
        raise KeyError("not in the table")

    return server


async def main_async(folder: Path) -> None:
    lines: list = []
    total = connections_allowed()
    listening = await asyncio.start_server(
        build(folder, lines).serve, "127.0.0.1", 0, backlog=total
    )
    port = listening.sockets[0].getsockname()[1]
    seen: Counter = Counter()
    arrived: list = []
    everybody = asyncio.get_running_loop().create_future()
    start = time.perf_counter()
    await asyncio.gather(*(client(port, everybody, arrived, total, seen) for _ in range(total)))
    took = time.perf_counter() - start
    listening.close()
    for what, count in sorted(seen.items()):
        print(f"{count:5} {what}")
    print(
        f"{sum(seen.values())} requests on {total} connections in {took:.2f} s; the last: {lines[-1]}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "public")
        folder.mkdir()
        (folder / "page.html").write_text("<p>a page</p>" * 200)
        Path(home, "secret.txt").write_text("nobody's business")
        asyncio.run(main_async(folder))


if __name__ == "__main__":
    main()
