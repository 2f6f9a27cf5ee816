# title: An event loop, turn by turn
# seeds: S17
# shows: three task lanes overlap: 1 + 2 + 3 seconds of waiting take 3. Between them the loop is idle, and each step is a thin line.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""A coroutine is a plan, a task is that plan under way, gather() waits for several."""

import asyncio
import time


async def fetch(name: str, seconds: float) -> str:
    print(f"  {name} begins")
    await asyncio.sleep(seconds)  # gives the loop back until the time has come
    print(f"  {name} ends")
    return name


async def watch_turns(stop: asyncio.Event) -> int:
    """Counts how often the loop comes round: call_soon runs in the very next turn."""
    loop = asyncio.get_running_loop()
    turns = 0
    while not stop.is_set():
        turn = loop.create_future()
        loop.call_soon(turn.set_result, None)
        await turn
        turns += 1
        await asyncio.sleep(0.02)
    return turns


async def one_after_another() -> None:
    for seconds in (0.1, 0.2, 0.3):
        await fetch(f"sequential {seconds}", seconds)


async def main_async() -> None:
    start = time.perf_counter()
    await one_after_another()
    print(f"awaited one after another: {time.perf_counter() - start:.2f} s")

    stop = asyncio.Event()
    watcher = asyncio.create_task(watch_turns(stop))
    start = time.perf_counter()
    tasks = [asyncio.create_task(fetch(f"task of {seconds} s", seconds)) for seconds in (1, 2, 3)]
    print(f"created after {time.perf_counter() - start:.4f} s; nothing has run yet")
    names = await asyncio.gather(*tasks)
    print(f"gathered {len(names)} results: {time.perf_counter() - start:.2f} s")
    stop.set()
    print(f"the loop came round at least {await watcher} times meanwhile")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
