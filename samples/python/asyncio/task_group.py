# title: A TaskGroup holds its tasks together
# seeds: S17 S18 S28
# shows: the task tree: every child ends inside its group's span. When one fails its siblings are cancelled, and except* sorts the failures.
# expect: nothing
# not: warning
# requires: python>=3.11
# timeout: 15
# exit: 0
"""Structured concurrency: no task outlives the block that started it."""

import asyncio
import sys
import time


class OutOfStock(Exception):
    pass


async def reserve(article: str, seconds: float, available: bool = True) -> str:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(f"  {article}: cancelled, the reservation is given back")
        raise
    if not available:
        raise OutOfStock(article)
    return f"{article} reserved"


async def good_order() -> None:
    async with asyncio.TaskGroup() as group:
        desk = group.create_task(reserve("desk", 0.3), name="reserve-desk")
        lamp = group.create_task(reserve("lamp", 0.5), name="reserve-lamp")
    print(f"  {desk.result()}, {lamp.result()}")


async def bad_order() -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(reserve("chair", 0.2, available=False), name="reserve-chair")
            group.create_task(reserve("sofa", 5.0), name="reserve-sofa")
    except* OutOfStock as missing:
        print("  missing:", ", ".join(str(error) for error in missing.exceptions))


async def eager_steps() -> None:
    """Python 3.12 can run a task's first step at once: what needs no wait never meets the loop."""
    if sys.version_info < (3, 12):
        print("  eager tasks: not available before Python 3.12")
        return
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    cached = asyncio.create_task(reserve_from_cache("mug"))
    print(f"  eager: done as soon as created: {cached.done()}")
    await cached


async def reserve_from_cache(article: str) -> str:
    return f"{article} reserved"


async def main_async() -> None:
    for step in (good_order, bad_order, eager_steps):
        start = time.perf_counter()
        print(step.__name__)
        await step()
        print(f"  {time.perf_counter() - start:.2f} s")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
