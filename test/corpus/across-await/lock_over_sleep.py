# title: a threading.Lock held over an await
# expect: lock-across-await
# not: deadlock hang
# exit: 0
import asyncio
import threading

lock = threading.Lock()
counter = 0


async def bump():
    global counter
    with lock:  # expect: lock-across-await
        before = counter
        await asyncio.sleep(0.05)
        counter = before + 1


async def main():
    for _ in range(5):
        await bump()


asyncio.run(main())
