# title: sorts with an expensive key inside the loop
# expect: loop-blocked
# exit: 0
import asyncio
import random


def score(word):
    return sum(ord(c) * 31**i for i, c in enumerate(word)) % 1009  # expect: loop-blocked


async def rank(words):
    await asyncio.sleep(0.05)
    return sorted(words, key=score)


async def main():
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdef", k=12)) for _ in range(60_000)]
    print((await rank(words))[0])
    await asyncio.sleep(0.05)


asyncio.run(main())
