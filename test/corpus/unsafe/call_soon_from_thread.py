# title: loop.call_soon from another thread
# expect: unsafe-loop-call
# exit: 0
import asyncio
import threading


async def main():
    loop = asyncio.get_running_loop()
    seen = []

    def background():
        loop.call_soon(seen.append, 1)  # expect: unsafe-loop-call

    threading.Thread(target=background).start()
    while not seen:
        await asyncio.sleep(0.02)
    print(seen)


asyncio.run(main())
