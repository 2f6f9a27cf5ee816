# title: An echo server and its clients, a thousand connections
# seeds: S22
# shows: one thread, two thousand tasks. The loop is busy while they connect, then idle while they all wait; its lag says whether one loop is enough.
# expect: nothing
# may: loop-saturated loop-blocked
# not: deadlock hang
# timeout: 30
# exit: 0
"""asyncio streams over the loopback, and child programs run side by side."""

import asyncio
import sys
import time

CONNECTIONS = 1000


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


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            line = await reader.readline()
            if not line:
                return
            writer.write(line.upper())
            await writer.drain()
    finally:
        writer.close()


async def client(port: int, number: int, connected: list, everybody: asyncio.Event, total: int) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    connected.append(number)
    if len(connected) == total:
        everybody.set()
    await everybody.wait()  # all connections are open at once
    writer.write(f"hello {number}\n".encode())
    await writer.drain()
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer == f"HELLO {number}\n".encode()


async def child_program(number: int) -> str:
    script = f"import time; time.sleep(0.5); print({number} * {number})"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().strip()


async def main_async() -> None:
    total = connections_allowed()
    server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=total)
    port = server.sockets[0].getsockname()[1]
    start = time.perf_counter()
    connected: list = []
    everybody = asyncio.Event()
    answers = await asyncio.gather(
        *(client(port, number, connected, everybody, total) for number in range(total))
    )
    print(f"{sum(answers)} of {total} echoes right, in {time.perf_counter() - start:.2f} s")
    server.close()
    await server.wait_closed()

    start = time.perf_counter()
    squares = await asyncio.gather(*map(child_program, range(4)))
    print(f"4 programs of 0.5 s: {', '.join(squares)} in {time.perf_counter() - start:.2f} s")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
