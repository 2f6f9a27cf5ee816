# title: a threading lock held by a slow thread
# expect: loop-blocked
# may: long-hold lock-contention
# exit: 0
import asyncio
import threading
import time

lock = threading.Lock()
held = threading.Event()


def reindex():
    with lock:
        held.set()
        time.sleep(0.5)


async def query():
    with lock:  # expect: loop-blocked
        return "rows"


async def main():
    thread = threading.Thread(target=reindex)
    thread.start()
    while not held.is_set():
        await asyncio.sleep(0.01)
    print(await query())
    thread.join()


asyncio.run(main())
