"""anyio on both of its backends: task groups, limits, threads, processes, streams, cancellation."""
# requires: anyio trio

import math
import threading
import time

import anyio
import anyio.from_thread
import anyio.to_process
import anyio.to_thread


async def main() -> None:
    send, receive = anyio.create_memory_object_stream[int](2)
    limiter, seen = anyio.CapacityLimiter(2), []

    async def produce() -> None:
        async with send:
            for index in range(6):
                await send.send(index)

    async def work(index: int) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.001 * index, limiter=limiter)
        seen.append(index)

    async with anyio.create_task_group() as group:
        group.start_soon(produce)
        async with receive:
            print([item async for item in receive])
        for index in range(5):
            group.start_soon(work, index)
    print(sorted(seen), limiter.borrowed_tokens)

    with anyio.move_on_after(0.02) as scope:
        await anyio.sleep(30)
    print(scope.cancelled_caught)

    def from_thread() -> str:
        anyio.from_thread.run(anyio.sleep, 0)
        return anyio.from_thread.run_sync(lambda: threading.current_thread().name)

    print(await anyio.to_thread.run_sync(from_thread))
    print(await anyio.to_process.run_sync(math.factorial, 10))
    lock, event = anyio.Lock(), anyio.Event()
    async with lock:
        print(lock.statistics().locked, lock.statistics().tasks_waiting)
    event.set()
    await event.wait()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(fail)
            group.start_soon(anyio.sleep, 30)
    except* ValueError as errors:
        print([repr(error) for error in errors.exceptions])


async def fail() -> None:
    raise ValueError("on purpose")


if __name__ == "__main__":
    for backend in ("asyncio", "trio"):
        anyio.run(main, backend=backend)
