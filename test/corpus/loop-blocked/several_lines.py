# title: three blocking calls at three lines
# expect: loop-blocked
# may: loop-saturated
# exit: 0
import asyncio
import hashlib
import subprocess
import sys
import time


async def step_one():
    time.sleep(0.2)  # expect: loop-blocked


async def step_two():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)"])  # expect: loop-blocked


async def step_three():
    hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 900_000)  # expect: loop-blocked


async def main():
    for step in (step_one, step_two, step_three):
        await asyncio.sleep(0.2)
        await step()
    await asyncio.sleep(0.1)


asyncio.run(main())
