# title: the loop touched from threads in the thread-safe ways
# expect: nothing
# not: warning
# exit: 0
import asyncio
import threading
import time


async def main():
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()
    done = loop.create_future()

    async def add(n):
        await queue.put(n)
        return n

    def background():
        time.sleep(0.1)
        loop.call_soon_threadsafe(queue.put_nowait, 1)
        print(asyncio.run_coroutine_threadsafe(add(2), loop).result())
        loop.call_soon_threadsafe(done.set_result, "done")

    thread = threading.Thread(target=background)
    thread.start()
    print(await queue.get(), await queue.get(), await done)
    while thread.is_alive():
        await asyncio.sleep(0.01)


asyncio.run(main())
