# title: the default executor full of work that waits for its own queue
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
import asyncio
import concurrent.futures

executor = concurrent.futures.ThreadPoolExecutor(max_workers=2, thread_name_prefix="default")


def resolve(name):
    return executor.submit(str.upper, name).result()  # expect: pool-starvation|deadlock


async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(executor)
    print(await asyncio.gather(*[loop.run_in_executor(None, resolve, n) for n in "abcd"]))


asyncio.run(main())
