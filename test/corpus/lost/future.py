# title: a future with an exception nobody reads
# expect: task-exception-lost
# exit: 0
import asyncio


async def main():
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.1, future.set_exception, ValueError("bad frame"))
    await asyncio.wait([future])
    print("something came")


asyncio.run(main())
