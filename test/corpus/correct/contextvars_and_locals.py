# title: contextvars and thread locals side by side
# expect: nothing
# not: warning
# exit: 0
import asyncio
import contextvars
import threading

request = contextvars.ContextVar("request")
local = threading.local()


async def handle(n):
    request.set(n)
    await asyncio.sleep(0.05)
    assert request.get() == n


async def main():
    await asyncio.gather(*(handle(n) for n in range(10)))


def run(n):
    local.n = n
    asyncio.run(main())
    assert local.n == n


ts = [threading.Thread(target=run, args=(n,)) for n in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
