# title: a thread holds a lock and asks the loop, whose task waits for that lock in a worker thread
# expect: deadlock
# timeout: 2
# exit: timeout
import asyncio
import threading

book = threading.Lock()
held = threading.Event()


def clerk(loop):
    with book:
        held.set()
        asyncio.run_coroutine_threadsafe(lookup(), loop).result()  # expect: deadlock


def read():
    with book:  # expect: deadlock
        return 1


async def lookup():
    return await asyncio.to_thread(read) if hasattr(asyncio, "to_thread") else 0


async def main():
    thread = threading.Thread(target=clerk, args=(asyncio.get_running_loop(),), name="clerk")
    thread.start()
    await asyncio.get_running_loop().run_in_executor(None, thread.join)


asyncio.run(main())
