# title: A process joined before its queue is drained
# seeds: S15, S30
# shows: the parent joins a process whose results still stand in a queue. The child cannot end before its feeder thread has written them all into the pipe, the pipe is full, and only the parent could read it.
# expect: deadlock
# not: hang
# timeout: 6
# exit: timeout
"""multiprocessing's documentation warns of it: get what was put first, join then."""

import multiprocessing

PARTS = 40


def render(first: int, results: "multiprocessing.Queue[bytes]") -> None:
    for part in range(PARTS):
        results.put(bytes(10_000) + bytes([first, part]))  # expect: deadlock


def main() -> None:
    results: "multiprocessing.Queue[bytes]" = multiprocessing.Queue()
    worker = multiprocessing.Process(target=render, args=(7, results), name="renderer")
    worker.start()
    worker.join()  # expect: deadlock  # the cure: this line after the next two
    pieces = [results.get() for _ in range(PARTS)]
    print(sum(map(len, pieces)), "bytes rendered")


if __name__ == "__main__":
    main()
