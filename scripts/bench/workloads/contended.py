"""Four threads, one counter, a short critical section."""

import threading

from _size import sized

lock = threading.Lock()
count = 0


def work(times: int) -> None:
    global count
    for _ in range(times):
        with lock:
            count += 1


threads = [threading.Thread(target=work, args=(sized(600_000),)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 4 * sized(600_000)
