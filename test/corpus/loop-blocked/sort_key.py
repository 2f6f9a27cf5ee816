# title: sorts with an expensive key inside the loop
# expect: loop-blocked
# exit: 0
import asyncio
import random

rng = random.Random(1)
WORDS = ["".join(rng.choices("abcdef", k=30)) for _ in range(60_000)]


def score(word):
    return sum(ord(c) * 31**i for i, c in enumerate(word)) % 1009  # expect: loop-blocked


async def rank(words):
    await asyncio.sleep(0.05)
    return sorted(words, key=score)


async def main():
    print((await rank(WORDS))[0])
    await asyncio.sleep(0.05)


asyncio.run(main())
