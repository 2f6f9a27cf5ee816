# title: an asyncio service that waits for a signal all day
# expect: nothing
# not: warning
# requires: fork
# timeout: 4
# exit: timeout
import asyncio
import signal


async def heartbeat():
    while True:
        await asyncio.sleep(0.5)


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    beat = asyncio.create_task(heartbeat())
    await stop.wait()
    beat.cancel()


asyncio.run(main())
