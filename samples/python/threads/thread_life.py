# title: The life of a thread
# seeds: S04
# shows: each lane begins at start(), turns from running to blocked and back, and ends. join(timeout) comes back without the thread having ended; the daemon is cut off with its entries unsaved.
# expect: daemon-killed
# not: deadlock hang lock-contention
# timeout: 15
# exit: 0
"""New, runnable, running, blocked, terminated; join with a timeout; daemons; subclassing Thread."""

import queue
import threading
import time


def state(thread: threading.Thread) -> str:
    if thread.ident is None:
        return "new"
    return "alive" if thread.is_alive() else "terminated"


class Download(threading.Thread):
    """A thread as an object: run() is its program, attributes are its result."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name=name)
        self.seconds = seconds
        self.received = 0

    def run(self) -> None:
        for _ in range(10):
            time.sleep(self.seconds / 10)  # blocked: waits for the network
            self.received += sum(index * index for index in range(20_000)) % 997  # running


class Journal:
    """Writes its entries in the background, on a thread that nobody waits for."""

    def __init__(self) -> None:
        self.entries: "queue.Queue[str]" = queue.Queue()
        self.written: list = []
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._writer.start()

    def _write(self) -> None:
        while True:
            entry = self.entries.get()
            time.sleep(0.2)  # a slow disk
            self.written.append(entry)
            self.entries.task_done()


def main() -> None:
    journal = Journal()
    fast = Download("fast-download", 0.4)
    slow = Download("slow-download", 1.6)
    print(f"before start: {state(fast)}, {state(slow)}")

    fast.start()
    slow.start()
    print(f"after start:  {state(fast)}, {state(slow)}")

    slow.join(timeout=0.8)
    print(f"join(0.8) returned; slow is {state(slow)}, fast is {state(fast)}")

    slow.join()
    print(f"after join:   {state(fast)}, {state(slow)}; received {fast.received + slow.received}")

    for number in range(20):
        journal.entries.put(f"entry {number}")
    time.sleep(0.5)
    print(f"main ends with {len(journal.written)} of 20 journal entries written")
    # The interpreter does not wait for a daemon: the rest of the entries is lost here.


if __name__ == "__main__":
    main()
