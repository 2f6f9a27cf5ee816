"""Prints of each kind of thing whether it dies with its last reference, with no collector to help."""

import asyncio
import concurrent.futures
import gc
import multiprocessing
import queue
import subprocess
import sys
import threading
import time
import warnings
import weakref
from typing import Any, Callable, Dict

warnings.simplefilter("ignore")
gc.disable()
died: Dict[str, bool] = {}


class Thing:
    pass


def watch(name: str, make: Callable[[], Any], use: Callable[[Any], Any]) -> None:
    one = make()
    use(one)
    weak = weakref.ref(one)
    del one
    time.sleep(0.005)  # a worker's thread may be about to let it go
    died[name] = weak() is None


def from_two_threads(lock: Any) -> None:
    with lock:
        pass
    thread = threading.Thread(target=lambda: lock.acquire() and lock.release())
    thread.start()
    thread.join()


def waited(condition: Any) -> None:
    with condition:
        condition.wait(0.001)
        condition.notify_all()


def passed(line: Any) -> None:
    line.put(1)
    line.get()


def closed(line: Any) -> None:
    passed(line)
    line.close()
    line.join_thread()


def run_to_end(thread: Any) -> None:
    thread.start()
    thread.join()


def of_threads() -> None:
    watch("Lock", threading.Lock, from_two_threads)
    watch("Lock left held", threading.Lock, lambda lock: lock.acquire())
    watch("RLock", threading.RLock, from_two_threads)
    watch("Condition", threading.Condition, waited)
    watch("Event", threading.Event, lambda event: (event.wait(0.001), event.set(), event.wait()))
    watch("Semaphore", lambda: threading.Semaphore(2), from_two_threads)
    watch("BoundedSemaphore", lambda: threading.BoundedSemaphore(2), from_two_threads)
    watch("Barrier", lambda: threading.Barrier(1), lambda barrier: barrier.wait())
    watch("Queue", queue.Queue, passed)
    watch("SimpleQueue", queue.SimpleQueue, passed)
    watch("Thread", lambda: threading.Thread(target=time.sleep, args=(0.001,)), run_to_end)
    watch(
        "argument of a thread",
        Thing,
        lambda one: run_to_end(threading.Thread(target=id, args=(one,))),
    )


def fails(_: Any) -> None:
    raise ValueError


def of_pools() -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        watch("argument of an item", Thing, lambda one: pool.submit(id, one).result())
        watch("argument of a failed item", Thing, lambda one: pool.submit(fails, one).exception())
        watch("Future", lambda: pool.submit(id, 1), lambda future: future.result())
        watch("result", lambda: pool.submit(Thing).result(), id)
        watch("result of map", lambda: next(pool.map(lambda _: Thing(), [1])), id)
    watch(
        "ThreadPoolExecutor",
        lambda: concurrent.futures.ThreadPoolExecutor(1),
        lambda one: one.shutdown(),
    )


def of_processes() -> None:
    context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "fork")
    watch("multiprocessing.Lock", context.Lock, lambda lock: lock.acquire() and lock.release())
    watch("multiprocessing.Queue", context.Queue, closed)
    watch("Process", lambda: context.Process(target=id, args=(1,)), run_to_end)
    watch("Popen", lambda: subprocess.Popen([sys.executable, "-Sc", ""]), lambda one: one.wait())


async def of_tasks() -> None:
    async def watch(name: str, make: Callable[[], Any], use: Callable[[Any], Any]) -> None:
        one = make()
        await use(one)
        weak = weakref.ref(one)
        del one
        await asyncio.sleep(0)
        died[name] = weak() is None

    async def inside(lock: Any) -> None:
        async with lock:
            await asyncio.sleep(0)

    async def set_and_waited(event: asyncio.Event) -> None:
        event.set()
        await event.wait()

    async def through(line: "asyncio.Queue[int]") -> None:
        await line.put(1)
        await line.get()

    async def resolved(future: Any) -> None:
        future.set_result(1)
        await future

    async def done(task: Any) -> None:
        await asyncio.wait([task])

    async def cancelled(task: Any) -> None:
        await asyncio.sleep(0)
        task.cancel()
        await done(task)

    async def with_thing(one: Any) -> None:
        await asyncio.create_task(asyncio.sleep(0, one))
        await asyncio.gather(failing(one), return_exceptions=True)

    async def failing(_: Any) -> None:
        raise ValueError

    async def generate() -> Any:
        yield 1

    async def once(generator: Any) -> None:
        await generator.asend(None)
        await generator.aclose()

    await watch("asyncio.Lock", asyncio.Lock, inside)
    await watch("asyncio.Semaphore", lambda: asyncio.Semaphore(2), inside)
    await watch("asyncio.Condition", asyncio.Condition, inside)
    await watch("asyncio.Event", asyncio.Event, set_and_waited)
    await watch("asyncio.Queue", asyncio.Queue, through)
    await watch("asyncio.Future", asyncio.get_running_loop().create_future, resolved)
    await watch("Task", lambda: asyncio.create_task(asyncio.sleep(0)), done)
    await watch("cancelled task", lambda: asyncio.create_task(asyncio.sleep(9)), cancelled)
    await watch("argument of a task", Thing, with_thing)
    await watch("asynchronous generator", generate, once)


of_threads()
of_pools()
of_processes()
asyncio.run(of_tasks())
for name, yes in died.items():
    print(name, yes)
