# title: one loop parses for forty clients
# expect: loop-saturated
# may: loop-blocked
# exit: 0
import asyncio
import json
import time

DOCUMENT = json.dumps([{"n": n, "text": "x" * 20} for n in range(2500)])


async def client(until):
    done = 0
    while time.monotonic() < until:
        done += len(json.loads(DOCUMENT))
        await asyncio.sleep(0.005)
    return done


async def main():
    until = time.monotonic() + 2.5
    print(sum(await asyncio.gather(*[client(until) for _ in range(40)])))


asyncio.run(main())
