# title: Work items smaller than the message that carries them
# seeds: S16 S15
# shows: thousands of slivers on the worker lanes and a parent that does nothing but pickle. The same work in chunks takes a fraction of the time.
# expect: tiny-tasks
# not: deadlock hang
# timeout: 40
# exit: 0
"""One submit() per number against one per thousand numbers."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

COUNT = 4000


def collatz_steps(number: int) -> int:
    steps = 0
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        steps += 1
    return steps


def collatz_range(first: int, last: int) -> int:
    return max(collatz_steps(number) for number in range(first, last))


def main() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pool.submit(collatz_steps, 27).result()  # the workers are up before the clock starts

        start = time.perf_counter()
        futures = [pool.submit(collatz_steps, number) for number in range(1, COUNT)]
        longest = max(future.result() for future in futures)
        print(f"one number per task:   {time.perf_counter() - start:.2f} s, longest {longest}")

        start = time.perf_counter()
        edges = list(range(1, COUNT, 1000)) + [COUNT]
        chunks = [pool.submit(collatz_range, low, high) for low, high in zip(edges, edges[1:])]
        longest = max(chunk.result() for chunk in chunks)
        print(f"1000 numbers per task: {time.perf_counter() - start:.2f} s, longest {longest}")


if __name__ == "__main__":
    main()
