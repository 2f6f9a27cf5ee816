# title: Blocking work beside the loop, in threads and processes
# seeds: S23 S24 S33
# shows: the same calls, now on pool lanes, while the loop's lag stays flat: the library call in a thread, the arithmetic in a process.
# expect: nothing
# may: pool-idle
# not: warning
# cure-of: asyncio/blocking_call.py
# timeout: 30
# exit: 0
"""run_in_executor with threads for waiting and processes for computing; the loop stays responsive."""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context


async def heartbeat(beats: list) -> None:
    while True:
        beats.append(time.perf_counter())
        await asyncio.sleep(0.02)


def look_up_customer(number: int) -> str:
    time.sleep(0.4)
    return f"customer {number}"


def sum_of_squares(limit: int) -> int:
    total = 0
    for number in range(limit):
        total += number * number
    return total


async def main_async(processes: ProcessPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4, "lookup") as threads:
        beats: list = []
        pulse = asyncio.create_task(heartbeat(beats))
        jobs = [loop.run_in_executor(threads, look_up_customer, number) for number in range(8)]
        jobs.append(loop.run_in_executor(processes, sum_of_squares, 5_000_000))
        results = await asyncio.gather(*jobs)
        pulse.cancel()
        await asyncio.gather(pulse, return_exceptions=True)
    pauses = [later - earlier for earlier, later in zip(beats, beats[1:])]
    print(f"{len(results)} results; the longest pause of the heartbeat was {max(pauses):.3f} s")


def main() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        processes.submit(sum_of_squares, 1).result()  # starting a process blocks: not inside the loop
        asyncio.run(main_async(processes))


if __name__ == "__main__":
    main()
