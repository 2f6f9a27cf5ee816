# title: A connection pool guarded by a semaphore
# seeds: S07
# shows: ten requests, three permits. At any moment three lanes are at work and the others wait for a permit; the waits are the price of the limit, by design.
# expect: nothing
# may: lock-contention
# not: deadlock hang long-hold
# timeout: 15
# exit: 0
"""A semaphore lends out a fixed number of permits; who comes later waits its turn."""

import threading
import time
from contextlib import contextmanager


class Connection:
    def __init__(self, number: int) -> None:
        self.number = number
        self.queries = 0

    def query(self, text: str) -> str:
        time.sleep(0.25)  # the server's answer takes its time
        self.queries += 1
        return f"{text} answered by connection {self.number}"


class ConnectionPool:
    def __init__(self, size: int) -> None:
        self._permits = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle = [Connection(number) for number in range(size)]
        self.most_in_use = 0
        self._size = size

    @contextmanager
    def connection(self):
        with self._permits:
            with self._lock:  # a short one: only the list is touched under it
                connection = self._idle.pop()
                self.most_in_use = max(self.most_in_use, self._size - len(self._idle))
            try:
                yield connection
            finally:
                with self._lock:
                    self._idle.append(connection)


def request(pool: ConnectionPool, number: int, waits: list) -> None:
    asked = time.perf_counter()
    with pool.connection() as connection:
        waits[number] = time.perf_counter() - asked
        connection.query(f"request {number}")


def main() -> None:
    pool = ConnectionPool(size=3)
    waits = [0.0] * 10
    threads = [
        threading.Thread(target=request, args=(pool, number, waits), name=f"request-{number}")
        for number in range(len(waits))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"never more than {pool.most_in_use} connections in use")
    print("waited for a permit:", " ".join(f"{wait:.2f}" for wait in waits), "s")


if __name__ == "__main__":
    main()
