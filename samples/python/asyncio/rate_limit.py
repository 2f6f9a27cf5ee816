# title: Ten requests at three per second
# seeds: S25
# shows: the token bucket lets three go at once and then one every third of a second: a staircase of task spans with even steps.
# expect: nothing
# may: lock-contention
# not: deadlock hang loop-blocked queue-growth
# timeout: 15
# exit: 0
"""A semaphore limits how many at a time; a token bucket limits how many per second."""

import asyncio
import time


class TokenBucket:
    """Holds at most `burst` tokens and gains `rate` of them per second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at = time.monotonic()

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now

    async def take(self) -> None:
        self._fill()
        self._tokens -= 1  # below zero: taken on credit, so those who wait keep their order
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._rate)


async def request(number: int, bucket: TokenBucket, at_a_time: asyncio.Semaphore, start: float) -> float:
    await bucket.take()
    async with at_a_time:
        sent = time.monotonic() - start
        await asyncio.sleep(0.2)
        return sent


async def main_async() -> None:
    bucket = TokenBucket(rate=3, burst=3)
    at_a_time = asyncio.Semaphore(2)
    start = time.monotonic()
    sent = await asyncio.gather(*(request(number, bucket, at_a_time, start) for number in range(10)))
    print("sent at:", " ".join(f"{moment:.2f}" for moment in sent), "s")
    print(f"10 requests in {time.monotonic() - start:.2f} s: 3 at once, then 3 per second")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
