# title: a task waits on a condition that the other changes without notifying
# expect: hang
# timeout: 3
# exit: timeout
import asyncio


async def waiter(condition, state):
    async with condition:
        await condition.wait_for(lambda: state["open"])  # expect: hang


async def opener(condition, state):
    await asyncio.sleep(0.05)
    async with condition:
        state["open"] = True


async def main():
    condition, state = asyncio.Condition(), {"open": False}
    await asyncio.gather(waiter(condition, state), opener(condition, state))


asyncio.run(main())
