# title: a method scheduled by call_later
# expect: loop-blocked
# exit: 0
import asyncio
import time


class Housekeeping:
    def __init__(self, loop):
        self.loop = loop
        self.rounds = 0
        loop.call_later(0.1, self.sweep)

    def sweep(self):
        self.rounds += 1
        self.remove_old()

    def remove_old(self):
        time.sleep(0.25)  # expect: loop-blocked


async def main():
    keeper = Housekeeping(asyncio.get_running_loop())
    await asyncio.sleep(0.6)
    print(keeper.rounds)


asyncio.run(main())
