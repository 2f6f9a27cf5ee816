"""An echo server and its clients on uvloop, with subprocesses, threads and signals."""
# requires: uvloop

import asyncio
import signal
import sys

import uvloop


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def client(port: int, name: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    total = 0
    for index in range(20):
        writer.write(b"%d-%d\n" % (name, index))
        total += len(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return total


async def main() -> None:
    loop = asyncio.get_running_loop()
    print(type(loop).__module__, type(loop).__name__, type(asyncio.current_task()).__name__)
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(sum(await asyncio.gather(*(client(port, name) for name in range(20)))))
    server.close()
    await server.wait_closed()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(sum(range(10)))", stdout=asyncio.subprocess.PIPE
    )
    print(await child.communicate(), child.returncode)
    print(await asyncio.gather(*(loop.run_in_executor(None, pow, 2, n) for n in range(8))))
    got = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.set)
    signal.raise_signal(signal.SIGUSR1)
    await asyncio.wait_for(got.wait(), 5)
    lock, queue = asyncio.Lock(), asyncio.Queue(2)
    async with lock, asyncio.TaskGroup() as group:
        group.create_task(fill(queue))
        print([await queue.get() for _ in range(5)])
    try:
        await asyncio.wait_for(asyncio.sleep(30), 0.01)
    except asyncio.TimeoutError as error:
        print(repr(error))


async def fill(queue: "asyncio.Queue[int]") -> None:
    for index in range(5):
        await queue.put(index)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
uvloop.run(main())
