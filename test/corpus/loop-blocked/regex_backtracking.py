# title: a regular expression that backtracks without end
# expect: loop-blocked
# exit: 0
import asyncio
import re

EMAIL = re.compile(r"^([a-z0-9]+)+@$")


async def validate(text):
    await asyncio.sleep(0)
    return EMAIL.match(text) is not None  # expect: loop-blocked


async def main():
    checks = ["ada", "bob", "a" * 23 + "!"]
    print([await validate(text) for text in checks])
    await asyncio.sleep(0.05)


asyncio.run(main())
