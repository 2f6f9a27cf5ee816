# title: reads a named pipe whose writer is slow
# expect: loop-blocked
# requires: fork
# exit: 0
import asyncio
import os
import tempfile
import threading
import time


def slow_writer(path):
    with open(path, "w") as out:
        time.sleep(0.4)
        out.write("at last\n")


async def read_line(path):
    with open(path) as pipe:
        return pipe.readline()  # expect: loop-blocked


async def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pipe")
        os.mkfifo(path)
        threading.Thread(target=slow_writer, args=(path,)).start()
        await asyncio.sleep(0.05)
        print(await read_line(path))


asyncio.run(main())
