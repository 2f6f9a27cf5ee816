# title: a huge JSON document serialised in the loop
# expect: loop-blocked
# exit: 0
import asyncio
import json

rows = [{"id": n, "name": "row %d" % n, "tags": ["a", "b", n]} for n in range(80_000)]


async def export():
    await asyncio.sleep(0.05)
    return json.dumps(rows, indent=1, sort_keys=True)  # expect: loop-blocked


async def main():
    text = await export()
    await asyncio.sleep(0.02)
    print(len(text))


asyncio.run(main())
