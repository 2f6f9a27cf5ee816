# title: Errors in tasks: gathered, returned, lost
# seeds: S18 S39
# shows: gather with return_exceptions hands the errors over as results; without it the first one comes through and the siblings go on. The loose task fails and nobody ever looks.
# expect: task-exception-lost
# not: deadlock hang
# timeout: 15
# exit: 0
"""Where the exception of a task goes, and how it gets lost."""

import asyncio


class Unreachable(Exception):
    pass


async def ping(host: str, seconds: float, up: bool) -> str:
    await asyncio.sleep(seconds)
    if not up:
        raise Unreachable(host)
    return f"{host} answers"


async def returned() -> None:
    results = await asyncio.gather(
        ping("alpha", 0.1, up=True),
        ping("beta", 0.2, up=False),
        ping("gamma", 0.3, up=True),
        return_exceptions=True,
    )
    for result in results:
        print("  returned:", repr(result))


async def raised() -> None:
    survivor = asyncio.create_task(ping("delta", 0.4, up=True))
    try:
        await asyncio.gather(ping("epsilon", 0.1, up=False), survivor)
    except Unreachable as error:
        print(f"  raised: {error!r}; the sibling is done: {survivor.done()}")
    print("  the sibling ended later:", await survivor)


async def lost() -> None:
    loose = asyncio.create_task(ping("omega", 0.1, up=False), name="ping-omega")
    del loose  # no reference, no await, no callback: its exception has nowhere to go
    await asyncio.sleep(0.5)
    print("  lost: the program goes on as if nothing had happened")


async def main_async() -> None:
    await returned()
    await raised()
    await lost()


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
