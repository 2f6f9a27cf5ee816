# title: Retries with back-off and jitter, and a circuit breaker
# seeds: S26 S19
# shows: the attempts of one request spread out, further apart each time. When the service is down for good the breaker opens, and the spans turn into instant refusals.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""Try again, but later each time and never all at the same moment; and know when to stop."""

import asyncio
import random
import time


class ServiceDown(Exception):
    pass


class BreakerOpen(Exception):
    pass


class Service:
    """Fails now and then at first, and is down for good from `dies_after` seconds on."""

    def __init__(self, chance: random.Random, dies_after: float) -> None:
        self._chance = chance
        self._dead_from = time.monotonic() + dies_after
        self.calls = 0

    async def call(self) -> str:
        self.calls += 1
        await asyncio.sleep(0.05)
        if time.monotonic() > self._dead_from or self._chance.random() < 0.3:
            raise ServiceDown
        return "answer"


class CircuitBreaker:
    def __init__(self, failures: int, rest: float) -> None:
        self._limit = failures
        self._rest = rest
        self._failed = 0
        self._open_until = 0.0

    async def call(self, action):
        if time.monotonic() < self._open_until:
            raise BreakerOpen
        try:
            result = await asyncio.wait_for(action(), timeout=0.5)
        except (ServiceDown, asyncio.TimeoutError):
            self._failed += 1
            if self._failed >= self._limit:
                self._open_until = time.monotonic() + self._rest
            raise
        self._failed = 0
        return result


async def with_retry(breaker: CircuitBreaker, service: Service, chance: random.Random) -> str:
    for attempt in range(4):
        try:
            await breaker.call(service.call)
            return f"ok after {attempt + 1}"
        except BreakerOpen:
            return "refused"
        except ServiceDown:
            await asyncio.sleep(chance.uniform(0, 0.05 * 2**attempt))  # "full jitter"
    return "gave up"


async def main_async() -> None:
    chance = random.Random(11)
    service = Service(chance, dies_after=1.0)
    breaker = CircuitBreaker(failures=5, rest=5.0)
    outcomes: dict = {}
    for _ in range(20):
        batch = [with_retry(breaker, service, chance) for _ in range(4)]
        for outcome in await asyncio.gather(*batch):
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        await asyncio.sleep(0.03)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:>3} x {outcome}")
    print(f"{service.calls} calls reached the service for 80 requests")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
