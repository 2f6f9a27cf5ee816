"""trio: nurseries, channels, threads, sockets, cancellation."""
# requires: trio

import time

import trio


async def echo(stream: trio.SocketStream) -> None:
    async for data in stream:
        await stream.send_all(data)


async def client(port: int, total: list[int]) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        for _ in range(10):
            await stream.send_all(b"x" * 100)
            got = 0
            while got < 100:
                got += len(await stream.receive_some(100 - got))
            total.append(got)


async def main() -> None:
    total: list[int] = []
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, echo, 0)
        port = listeners[0].socket.getsockname()[1]
        async with trio.open_nursery() as clients:
            for _ in range(10):
                clients.start_soon(client, port, total)
        nursery.cancel_scope.cancel()
    print(sum(total))
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(trio.to_thread.run_sync, time.sleep, 0.01)
    print(trio.current_time() - began < 20)
    with trio.move_on_after(0.01) as scope:
        await trio.sleep_forever()
    print(scope.cancelled_caught)
    lock, done = trio.Lock(), []

    async def locked(index: int) -> None:
        async with lock:
            await trio.sleep(0)
            done.append(index)

    async with trio.open_nursery() as nursery:
        for index in range(10):
            nursery.start_soon(locked, index)
    print(sorted(done))
    result = await trio.run_process(["echo", "child"], capture_stdout=True)
    print(result.stdout)


trio.run(main)
