# title: a logging handler that sleeps, called from a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import logging
import time


class Remote(logging.Handler):
    def emit(self, record):
        time.sleep(0.15)  # expect: loop-blocked


log = logging.getLogger("shop")
log.addHandler(Remote())


async def order(number):
    await asyncio.sleep(0.01)
    log.warning("order %s", number)


async def main():
    await asyncio.gather(*(order(number) for number in range(3)))


asyncio.run(main())
