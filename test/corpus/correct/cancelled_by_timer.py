# title: a task that waits for an event is cancelled by a timer
# expect: nothing
# not: warning
# exit: 0
import asyncio


async def forever(event):
    try:
        await event.wait()
    except asyncio.CancelledError:
        pass


async def main():
    task = asyncio.ensure_future(forever(asyncio.Event()))
    asyncio.get_running_loop().call_later(1.6, task.cancel)
    await task


asyncio.run(main())
