"""A faked file system in the place of `os`, `io` and `pathlib` in every module, with work from source the probe has not seen."""
# requires: pyfakefs

import asyncio
import os
import pathlib
import threading
from concurrent.futures import ThreadPoolExecutor

from pyfakefs.fake_filesystem_unittest import Patcher

WORK = """
def append(number):
    with lock, open("/data/lines.txt", "a") as file:
        print(number, file=file)
async def read():
    await asyncio.sleep(0)
    return pathlib.Path("/data/lines.txt").read_text().split()
"""

with Patcher() as patcher:
    patcher.fs.create_dir("/data")
    made = {"asyncio": asyncio, "lock": threading.Lock(), "open": open, "pathlib": pathlib}
    exec(compile(WORK, "fresh.py", "exec"), made)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(made["append"], range(20)))
    print(sorted(map(int, asyncio.run(made["read"]()))))
    print(sorted(os.listdir("/")), os.listdir("/data"))
