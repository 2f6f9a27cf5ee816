# title: The switch interval: how long a thread keeps the GIL
# seeds: S02
# shows: one lane computes, the other wants to tick every millisecond. Each tick waits for the GIL about as long as the switch interval says; a smaller interval makes the ticks come sooner.
# expect: nothing
# may: gil-bound
# not: deadlock hang
# timeout: 20
# exit: 0
"""A thread that wakes up asks for the GIL; the owner gives it up after the switch interval (5 ms)."""

import statistics
import sys
import threading
import time


def compute(stop: threading.Event) -> None:
    """Never waits for anything: gives up the GIL only when asked to."""
    number = 0
    while not stop.is_set():
        for _ in range(1000):
            number = (number * 1_103_515_245 + 12_345) % 2_147_483_648


def tick_delays(ticks: int) -> list:
    """How much later than asked each one-millisecond sleep came back, in milliseconds."""
    delays = []
    for _ in range(ticks):
        start = time.perf_counter()
        time.sleep(0.001)  # lets go of the GIL, and must ask for it again to come back
        delays.append((time.perf_counter() - start - 0.001) * 1000)
    return delays


def measure(interval: float) -> float:
    sys.setswitchinterval(interval)
    stop = threading.Event()
    worker = threading.Thread(target=compute, args=(stop,), name=f"compute-{interval * 1000:g}ms")
    worker.start()
    delays = tick_delays(60)
    stop.set()
    worker.join()
    return statistics.median(delays)


def main() -> None:
    default = sys.getswitchinterval()
    print(f"default switch interval: {default * 1000:g} ms")
    print(f"nobody computes:         a tick is {statistics.median(tick_delays(60)):6.2f} ms late")
    try:
        for interval in (0.02, default, 0.001):
            print(f"interval {interval * 1000:5g} ms:       a tick is {measure(interval):6.2f} ms late")
    finally:
        sys.setswitchinterval(default)


if __name__ == "__main__":
    main()
