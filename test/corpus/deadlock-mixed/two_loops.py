# title: two loops in two threads wait for each other synchronously
# expect: deadlock
# may: loop-blocked
# timeout: 3
# exit: timeout
import asyncio
import threading

loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
both = threading.Barrier(2)


async def ping():
    return "pong"


async def ask(other):
    both.wait()
    future = asyncio.run_coroutine_threadsafe(ping(), other)
    return future.result()  # expect: deadlock


def serve(mine, other):
    asyncio.set_event_loop(mine)
    mine.run_until_complete(ask(other))


for mine, other in (loops, loops[::-1]):
    threading.Thread(target=serve, args=(mine, other)).start()
