# title: sets an asyncio future from another thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading
import time


def compute(future):
    time.sleep(0.1)
    future.set_result(42)  # expect: unsafe-loop-call


async def main():
    future = asyncio.get_running_loop().create_future()
    threading.Thread(target=compute, args=(future,)).start()
    while not future.done():
        await asyncio.sleep(0.02)
    print(await future)


asyncio.run(main())
