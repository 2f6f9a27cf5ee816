# title: What it costs to start a process
# seeds: S14
# shows: one process lane per start. fork is there at once, spawn and forkserver first start an interpreter; none of them changes the parent's globals.
# expect: nothing
# not: warning
# timeout: 30
# exit: 0
"""spawn, fork, forkserver: start-up time, and the globals that are not shared."""

import multiprocessing
import os
import time

visits = 0


def visit(ready) -> None:
    """Runs in the child: counts in the child's own copy of the module."""
    global visits
    visits += 1
    ready.send((os.getpid(), visits))
    ready.close()


def measure(method: str, repeats: int) -> float:
    context = multiprocessing.get_context(method)
    total = 0.0
    for _ in range(repeats):
        here, there = context.Pipe(duplex=False)
        start = time.perf_counter()
        child = context.Process(target=visit, args=(there,), name=f"{method}-child")
        child.start()
        there.close()
        pid, counted = here.recv()
        total += time.perf_counter() - start
        child.join()
        here.close()
        assert pid != os.getpid() and counted == 1
    return total / repeats


def main() -> None:
    for method in multiprocessing.get_all_start_methods():
        seconds = measure(method, repeats=3)
        print(f"{method:<11} {seconds * 1000:7.1f} ms from start() to the child's first message")
    print(f"visits in the parent: {visits} (each child counted its own)")


if __name__ == "__main__":
    main()
