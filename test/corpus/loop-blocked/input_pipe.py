# title: reads a child's output with communicate
# expect: loop-blocked
# exit: 0
import asyncio
import subprocess
import sys


async def version():
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(.3); print('1.0')"], stdout=subprocess.PIPE
    )
    out, _ = process.communicate()  # expect: loop-blocked
    return out


async def main():
    await asyncio.sleep(0.1)
    print(await version())
    await asyncio.sleep(0.1)


asyncio.run(main())
