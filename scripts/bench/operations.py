"""Does one thing many times, as often as each line of standard input says, and answers with what that took.

`operations.py NAME`, with or without the probe. An answer is one line of JSON: CPU time of the process, and under the probe
what it has measured of itself meanwhile (both in ns of the usual machine) and counted.
"""

import asyncio
import json
import multiprocessing
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List

costs: Any = sys.modules.get("interleave_probe.costs")
native: bool = costs is not None and costs._session.native is not None


def reference() -> float:
    """How many times slower than the usual machine this one is now, as the probe finds out itself."""
    now = time.monotonic_ns
    tries = []
    for _ in range(20):
        before = now()
        for _ in range(40):
            now()
        tries.append((now() - before) / 41 / 55)
    return sorted(tries)[len(tries) // 2]


def lock() -> Callable[[int], None]:
    one = threading.Lock()

    def work(times: int) -> None:
        for _ in range(times):
            with one:
                pass

    return work


def rlock() -> Callable[[int], None]:
    one = threading.RLock()

    def work(times: int) -> None:
        for _ in range(times):
            with one:
                pass

    return work


def new_lock() -> Callable[[int], None]:
    def work(times: int) -> None:
        for _ in range(times):
            threading.Lock()

    return work


def own_locks() -> Callable[[int], None]:
    """What a library has for itself, in one thread."""
    items: "queue.Queue[int]" = queue.Queue()

    def work(times: int) -> None:
        for number in range(times):
            items.put(number)
            items.get()

    return work


def pass_on() -> Callable[[int], None]:
    items: "queue.Queue[int]" = queue.Queue(100)
    done = threading.Semaphore(0)

    def consume() -> None:
        while True:
            if items.get() == 1:
                done.release()

    threading.Thread(target=consume, daemon=True).start()

    def work(times: int) -> None:
        for left in range(times, 0, -1):
            items.put(left)
        done.acquire()

    return work


def waits() -> Callable[[int], None]:
    """Each wait is a real one."""
    ready, answered = threading.Semaphore(0), threading.Semaphore(0)

    def other() -> None:
        while True:
            ready.acquire()
            answered.release()

    threading.Thread(target=other, daemon=True).start()

    def work(times: int) -> None:
        for _ in range(times):
            ready.release()
            answered.acquire()

    return work


def threads_pool() -> Callable[[int], None]:
    pool = ThreadPoolExecutor(4)

    def work(times: int) -> None:
        for _ in pool.map(abs, range(times)):
            pass

    return work


def results() -> Callable[[int], None]:
    """Each item's result is waited for."""
    pool = ThreadPoolExecutor(1)

    def work(times: int) -> None:
        for number in range(times):
            pool.submit(abs, number).result()

    return work


def simple_queues() -> Callable[[int], None]:
    """Each wait is a real one."""
    ready: "queue.SimpleQueue[int]" = queue.SimpleQueue()
    answered: "queue.SimpleQueue[int]" = queue.SimpleQueue()

    def other() -> None:
        while True:
            answered.put(ready.get())

    threading.Thread(target=other, daemon=True).start()

    def work(times: int) -> None:
        for number in range(times):
            ready.put(number)
            answered.get()

    return work


def in_loop(main: Callable[[int], Any]) -> Callable[[], Callable[[int], None]]:
    def make() -> Callable[[int], None]:
        loop = asyncio.new_event_loop()
        return lambda times: loop.run_until_complete(main(times))

    return make


async def steps(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def tasks(times: int) -> None:
    async def one() -> None:
        await asyncio.sleep(0)

    await asyncio.gather(*(one() for _ in range(times)))


async def tasks_steps(times: int) -> None:
    async def one() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    await asyncio.gather(*(one() for _ in range(times // 10)))


async def primitives(times: int) -> None:
    one, several = asyncio.Lock(), asyncio.Semaphore(3)

    async def work(turns: int) -> None:
        for _ in range(turns):
            async with one:
                await asyncio.sleep(0)
            async with several:
                pass

    await asyncio.gather(*(work(times // 8) for _ in range(8)))


async def async_queue(times: int) -> None:
    items: "asyncio.Queue[int]" = asyncio.Queue(10)

    async def put() -> None:
        for number in range(times):
            await items.put(number)

    async def take() -> None:
        for _ in range(times):
            await items.get()

    await asyncio.gather(put(), take())


async def in_executor(times: int) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(times):
        await loop.run_in_executor(None, abs, -1)


async def streams(times: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def talk(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times // 10):
            writer.write(b"hello\n")
            await writer.drain()
            await reader.readline()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await asyncio.gather(*(talk(port) for _ in range(10)))


def pipe() -> Callable[[int], None]:
    one, other = multiprocessing.Pipe()

    def work(times: int) -> None:
        for _ in range(times):
            one.send(1)
            other.recv()

    return work


def shared_lock() -> Callable[[int], None]:
    one = multiprocessing.Lock()

    def work(times: int) -> None:
        for _ in range(times):
            with one:
                pass

    return work


# What is done, and how often so that it takes some 30 ms.
OPERATIONS: Dict[str, Any] = {
    "lock": (lock, 200_000),
    "rlock": (rlock, 200_000),
    "new lock": (new_lock, 100_000),
    "queue of one thread": (own_locks, 10_000),
    "queue": (pass_on, 8_000),
    "waits": (waits, 2_000),
    "simple queues": (simple_queues, 2_000),
    "thread pool": (threads_pool, 2_500),
    "results": (results, 1_000),
    "steps": (in_loop(steps), 12_000),
    "tasks": (in_loop(tasks), 3_000),
    "tasks of ten steps": (in_loop(tasks_steps), 20_000),
    "asyncio's locks": (in_loop(primitives), 4_000),
    "asyncio's queue": (in_loop(async_queue), 10_000),
    "executor": (in_loop(in_executor), 500),
    "streams": (in_loop(streams), 600),
    "pipe": (pipe, 4_000),
    "shared lock": (shared_lock, 80_000),
}


def state() -> List[int]:
    if costs is None:
        return [0]
    return [costs.measured(), *costs.left()]


def main() -> None:
    make, usual = OPERATIONS[sys.argv[1]]
    work = make()
    for _ in sys.stdin:
        slow = reference()
        before, cpu = state(), time.process_time_ns()
        work(usual)
        took, after = time.process_time_ns() - cpu, state()
        # The second try tells a machine that has changed its speed meanwhile.
        slow = (slow + reference()) / 2
        measured, *counted = [now - then for now, then in zip(after, before)]
        answer = {
            "times": usual,
            "cpu": took / slow,
            "measured": measured / slow,
            "counted": counted[:-1],
        }
        print(json.dumps(answer), flush=True)


if len(sys.argv) == 1:
    # What there is, and what stands in the probe.
    sys.path.insert(0, __file__.rpartition("scripts")[0] + "probe/python")
    from interleave_probe import costs as table

    print(json.dumps({"operations": list(OPERATIONS), "native": table.NATIVE, "python": table.PYTHON}))
else:
    main()
