# title: reads and writes many files through pathlib in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import pathlib
import tempfile
import time


def scan(folder):
    end = time.monotonic() + 0.3
    found = 0
    while time.monotonic() < end:
        found += sum(1 for _ in folder.rglob("*.txt"))  # expect: loop-blocked
    return found


async def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number in range(200):
            (folder / f"{number}.txt").write_text("x")
        await asyncio.sleep(0.01)
        scan(folder)
        await asyncio.sleep(0.01)


asyncio.run(main())
