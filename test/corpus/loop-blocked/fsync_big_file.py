# title: writes a big file in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import os
import tempfile


def write_pages(path):
    page = os.urandom(4096)
    with open(path, "wb", buffering=0) as out:
        for _ in range(40_000):
            out.write(page)  # expect: loop-blocked


async def main():
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.sleep(0.05)
        write_pages(os.path.join(folder, "pages"))
        await asyncio.sleep(0.05)


asyncio.run(main())
