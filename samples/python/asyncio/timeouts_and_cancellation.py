# title: Time limits, cancellation with clean-up, and shield
# seeds: S19 S39
# shows: cancelled spans end where the limit falls, followed by their short clean-up; the shielded save goes on after its waiter gave up.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""wait_for, cancel(), finally, shield: how to stop waiting without leaving a mess."""

import asyncio
import time


class Upload:
    def __init__(self) -> None:
        self.parts = 0
        self.cleaned_up = False

    async def run(self) -> None:
        try:
            while True:
                await asyncio.sleep(0.1)
                self.parts += 1
        except asyncio.CancelledError:
            print(f"  upload cancelled after {self.parts} parts")
            raise  # swallowing it would leave the caller waiting for a task that never ends
        finally:
            await asyncio.sleep(0.1)  # tells the server to forget the parts
            self.cleaned_up = True


async def with_limit() -> None:
    upload = Upload()
    try:
        await asyncio.wait_for(upload.run(), timeout=0.55)
    except asyncio.TimeoutError:
        print(f"  limit reached; cleaned up: {upload.cleaned_up}")


async def by_hand() -> None:
    upload = Upload()
    task = asyncio.create_task(upload.run())
    await asyncio.sleep(0.35)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print(f"  cancelled by hand; cleaned up: {upload.cleaned_up}")


async def save_order() -> str:
    await asyncio.sleep(0.6)
    return "order saved"


async def shielded() -> None:
    save = asyncio.create_task(save_order())
    try:
        await asyncio.wait_for(asyncio.shield(save), timeout=0.2)
    except asyncio.TimeoutError:
        print("  the customer stopped waiting, the order goes on")
    print(f"  {await save}")


async def main_async() -> None:
    for step in (with_limit, by_hand, shielded):
        start = time.perf_counter()
        print(step.__name__)
        await step()
        print(f"  {time.perf_counter() - start:.2f} s")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
