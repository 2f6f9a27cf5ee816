# title: a thread waits for the loop under a lock, the loop wants the lock
# expect: deadlock
# may: loop-blocked
# timeout: 3
# exit: timeout
import asyncio
import threading

lock = threading.Lock()
locked = threading.Event()


async def answer():
    return 1


def background(loop):
    with lock:
        locked.set()
        threading.Event().wait(0.2)
        asyncio.run_coroutine_threadsafe(answer(), loop).result()  # expect: deadlock


async def main():
    threading.Thread(target=background, args=(asyncio.get_running_loop(),), daemon=True).start()
    while not locked.is_set():
        await asyncio.sleep(0.01)
    with lock:  # expect: deadlock
        print("never")


asyncio.run(main())
