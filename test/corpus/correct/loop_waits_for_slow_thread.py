# title: a loop with nothing to do till a thread answers after two seconds
# expect: nothing
# not: warning
# exit: 0
import asyncio
import threading
import time


async def main():
    loop = asyncio.get_running_loop()
    answer = loop.create_future()

    def think():
        time.sleep(2)
        loop.call_soon_threadsafe(answer.set_result, 42)

    threading.Thread(target=think).start()
    print(await answer)


asyncio.run(main())
