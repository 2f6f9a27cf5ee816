# title: a coroutine joins a thread that needs the loop to answer
# expect: deadlock
# timeout: 2
# exit: timeout
import asyncio
import threading


async def answer():
    return 42


def worker(loop):
    print(asyncio.run_coroutine_threadsafe(answer(), loop).result())  # expect: deadlock


async def main():
    thread = threading.Thread(target=worker, args=(asyncio.get_running_loop(),))
    thread.start()
    thread.join()  # expect: deadlock


asyncio.run(main())
