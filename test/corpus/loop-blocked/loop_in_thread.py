# title: the blocked loop runs in a thread of its own
# expect: loop-blocked
# exit: 0
import asyncio
import threading
import time

loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever, name="loop")
thread.start()


async def resize(image):
    await asyncio.sleep(0.05)
    time.sleep(0.3)  # expect: loop-blocked
    return image // 2


print(asyncio.run_coroutine_threadsafe(resize(640), loop).result())
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
