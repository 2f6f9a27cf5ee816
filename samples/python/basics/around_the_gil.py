# title: Ways around the GIL, as far as this Python has them
# seeds: S03
# shows: pure Python in threads takes turns; hashing big blocks in threads really overlaps, since hashlib lets go of the GIL. What this interpreter lacks says so.
# expect: nothing
# may: gil-bound pool-idle
# not: deadlock hang
# timeout: 30
# exit: 0
"""C code that releases the GIL, free-threaded builds, sub-interpreters."""

import hashlib
import sys
import sysconfig
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

BLOCK = bytes(range(256)) * 16_384  # 4 MiB


def pure_python(_: int) -> int:
    total = 0
    for number in range(500_000):
        total += number & 3
    return total


def hash_block(_: int) -> bytes:
    return b"".join(hashlib.sha256(BLOCK).digest() for _ in range(8))


def compress_block(_: int) -> int:
    return len(zlib.compress(BLOCK, 6))


def best_of_three(action) -> float:
    """The shortest time says most: other programs can only make it longer."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def speed_up(work) -> float:
    serial = best_of_three(lambda: [work(job) for job in range(4)])
    with ThreadPoolExecutor(2) as pool:
        return serial / best_of_three(lambda: list(pool.map(work, range(4))))


def gil_state() -> str:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "not a free-threaded build"
    enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    return "free-threaded build, GIL " + ("switched on" if enabled else "off")


def sub_interpreters() -> str:
    try:
        from concurrent import interpreters  # Python 3.14
    except ImportError:
        return "not available here (Python 3.14 brings concurrent.interpreters)"
    interpreter = interpreters.create()
    try:
        interpreter.exec("print('hello from a GIL of my own')")
    finally:
        interpreter.close()
    return "available"


def main() -> None:
    print("GIL:             ", gil_state())
    for work in (pure_python, hash_block, compress_block):
        print(f"{work.__name__:<17} {speed_up(work):4.2f} x with two threads")
    print("sub-interpreters:", sub_interpreters())


if __name__ == "__main__":
    main()
