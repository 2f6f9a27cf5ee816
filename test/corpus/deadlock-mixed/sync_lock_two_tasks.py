# title: a task awaits under a threading.Lock and its sibling blocks the loop on it
# expect: deadlock
# may: lock-across-await loop-blocked
# timeout: 3
# exit: timeout
import asyncio
import threading

lock = threading.Lock()


async def writer():
    with lock:
        await asyncio.sleep(0.1)


async def reader():
    await asyncio.sleep(0.01)
    lock.acquire()  # expect: deadlock
    lock.release()


async def main():
    await asyncio.gather(writer(), reader())


asyncio.run(main())
