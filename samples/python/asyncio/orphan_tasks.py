# title: Tasks nobody waits for
# seeds: S28 S39
# shows: the request handler starts an audit task and forgets it. When the loop closes four of them are still pending, and their entries are lost.
# expect: task-pending-at-exit
# not: deadlock hang
# timeout: 15
# exit: 0
"""Fire and forget forgets. Keep the tasks, and wait for them before the loop ends."""

import asyncio

audit_log: list = []


async def write_audit(entry: str, seconds: float) -> None:
    await asyncio.sleep(seconds)
    audit_log.append(entry)


async def handle_request(number: int) -> str:
    await asyncio.sleep(0.05)
    asyncio.ensure_future(write_audit(f"request {number}", 0.3 * (number + 1)))
    return f"response {number}"


async def main_async() -> None:
    for number in range(6):
        print(await handle_request(number))
    await asyncio.sleep(0.5)
    print(f"{len(audit_log)} of 6 audit entries written when the loop closes")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
