# title: Project: a connection pool that takes back what was forgotten
# seeds: S38 S07 S39
# shows: borrowers wait on the condition while all connections are out. One borrower never gives back: after its lease is over the reaper reclaims the connection, and a waiter goes on.
# expect: nothing
# may: lock-contention
# not: deadlock hang long-hold
# timeout: 15
# exit: 0
"""Timeout for those who wait, a lease for those who hold, and a reaper for those who forget."""

import itertools
import threading
import time
from typing import Dict, List


class PoolTimeout(Exception):
    pass


class Connection:
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.number = next(self._numbers)

    def query(self, seconds: float) -> None:
        time.sleep(seconds)


class ConnectionManager:
    def __init__(self, size: int, lease: float) -> None:
        self._changed = threading.Condition()
        self._idle: List[Connection] = [Connection() for _ in range(size)]
        self._lent: Dict[Connection, float] = {}
        self._lease = lease
        self._closing = threading.Event()
        self.reclaimed = 0
        self._reaper = threading.Thread(target=self._reap, name="reaper")
        self._reaper.start()

    def borrow(self, timeout: float) -> Connection:
        with self._changed:
            if not self._changed.wait_for(lambda: self._idle, timeout):
                raise PoolTimeout(f"no connection within {timeout} s")
            connection = self._idle.pop()
            self._lent[connection] = time.monotonic() + self._lease
            return connection

    def give_back(self, connection: Connection) -> None:
        with self._changed:
            if self._lent.pop(connection, None) is not None:  # else: reclaimed meanwhile
                self._idle.append(connection)
                self._changed.notify()

    def _reap(self) -> None:
        while not self._closing.wait(timeout=0.1):
            with self._changed:
                now = time.monotonic()
                for connection in [one for one, until in self._lent.items() if until < now]:
                    del self._lent[connection]
                    self._idle.append(Connection())  # the old one may still be in use: never reuse it
                    self.reclaimed += 1
                    self._changed.notify()

    def close(self) -> None:
        self._closing.set()
        self._reaper.join()


def borrower(pool: ConnectionManager, number: int, outcomes: List[str]) -> None:
    try:
        connection = pool.borrow(timeout=1.5)
    except PoolTimeout as error:
        outcomes.append(f"borrower {number}: {error}")
        return
    connection.query(0.2)
    if number != 0:  # number 0 forgets
        pool.give_back(connection)
    outcomes.append(f"borrower {number}: served by connection {connection.number}")


def main() -> None:
    pool = ConnectionManager(size=2, lease=0.6)
    outcomes: List[str] = []
    threads = [
        threading.Thread(target=borrower, args=(pool, number, outcomes), name=f"borrower-{number}")
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    time.sleep(0.5)
    pool.close()
    print("\n".join(outcomes))
    print(f"reclaimed {pool.reclaimed} forgotten connection")


if __name__ == "__main__":
    main()
