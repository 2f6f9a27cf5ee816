# title: an RLock acquired in one method, released in another, awaits between
# expect: lock-across-await
# not: deadlock hang
# exit: 0
import asyncio
import threading


class Device:
    def __init__(self):
        self._lock = threading.RLock()

    def begin(self):
        self._lock.acquire()

    def end(self):
        self._lock.release()

    async def transfer(self, data):
        self.begin()
        try:
            await asyncio.sleep(0.1)  # expect: lock-across-await
            return len(data)
        finally:
            self.end()


print(asyncio.run(Device().transfer(b"abc")))
