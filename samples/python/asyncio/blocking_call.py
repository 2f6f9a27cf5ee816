# title: A blocking call inside a coroutine
# seeds: S24 S39
# shows: while one request sleeps the whole loop sleeps: the heartbeat stops, the lag jumps to half a second, and the finding names the line.
# expect: loop-blocked
# may: loop-saturated
# not: deadlock hang
# timeout: 15
# exit: 0
"""time.sleep where await was meant; the cure is bridge_to_threads.py."""

import asyncio
import hashlib
import time


async def heartbeat(beats: list) -> None:
    while True:
        beats.append(time.perf_counter())
        await asyncio.sleep(0.02)


def look_up_customer(number: int) -> str:
    """An old library that knows nothing of asyncio."""
    time.sleep(0.4)  # expect: loop-blocked
    return f"customer {number}"


def hash_password(password: str) -> str:
    rounds = 400_000
    return hashlib.pbkdf2_hmac("sha512", password.encode(), b"salt", rounds).hex()  # expect: loop-blocked


async def handle(number: int) -> str:
    await asyncio.sleep(0.1)
    customer = look_up_customer(number)
    await asyncio.sleep(0.1)
    return customer


async def sign_in() -> str:
    await asyncio.sleep(0.2)
    return hash_password("correct horse battery staple")[:8]


async def main_async() -> None:
    beats: list = []
    pulse = asyncio.create_task(heartbeat(beats))
    print(await asyncio.gather(handle(1), handle(2), sign_in()))
    pulse.cancel()
    pauses = [later - earlier for earlier, later in zip(beats, beats[1:])]
    print(f"heartbeat every 0.02 s was meant; the longest pause was {max(pauses):.2f} s")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
