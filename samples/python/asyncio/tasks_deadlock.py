# title: Two tasks, two asyncio locks
# seeds: S30 S20
# shows: a deadlock without a single blocked thread: the loop is idle and alive, the heartbeat goes on, and two tasks wait for each other for ever.
# expect: deadlock
# may: lock-order-inversion
# not: hang loop-blocked
# timeout: 5
# exit: timeout
"""asyncio locks close cycles as well as threading locks do; only the loop keeps turning."""

import asyncio


class Document:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        self.links: list = []


async def link(source: Document, target: Document, opened: asyncio.Event, other: asyncio.Event) -> None:
    async with source.lock:
        opened.set()
        await other.wait()  # both editors have their first document open
        async with target.lock:  # expect: deadlock
            source.links.append(target.name)
            target.links.append(source.name)


async def heartbeat() -> None:
    while True:
        await asyncio.sleep(0.1)


async def main_async() -> None:
    pulse = asyncio.create_task(heartbeat(), name="heartbeat")
    plan, budget = Document("plan"), Document("budget")
    one, two = asyncio.Event(), asyncio.Event()
    await asyncio.gather(link(plan, budget, one, two), link(budget, plan, two, one))
    pulse.cancel()
    print(plan.links, budget.links)


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
