"""Which of those made on its line a thing is: in order of creation, whatever is told of first, with both cores."""

import sys
import unittest
from pathlib import Path
from typing import Dict, List, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native
from recording import Run, run

CORES = ["python"] + (["native"] if native.find({}) is not None else [])

# Each is waited for in the opposite order of its making, by another thread or task than holds it.
LOCKS = """
import threading, time
class Account:
    def __init__(self, kind):
        self.lock = kind()
def both(kind):
    return [Account(kind) for _ in range(3)]
alone = threading.Lock()
def wait_for(lock):
    def take():
        lock.acquire()
    lock.acquire()
    thread = threading.Thread(target=take)
    thread.start()
    time.sleep(0.05)
    lock.release()
    thread.join()
for accounts in both(threading.Lock), both(lambda: threading.Semaphore(1)):
    for account in reversed(accounts):
        wait_for(account.lock)
wait_for(alone)
"""

TASKS = """
import asyncio
async def hold(lock, seconds):
    async with lock:
        await asyncio.sleep(seconds)
async def main():
    locks = [asyncio.Lock() for _ in range(3)]
    alone = asyncio.Lock()
    for lock in [*reversed(locks), alone]:
        await asyncio.gather(hold(lock, 0.03), hold(lock, 0))
asyncio.run(main())
"""

QUEUES = """
import queue, threading, time
queues = [queue.Queue() for _ in range(3)]
alone = queue.Queue()
for one in [*reversed(queues), alone]:
    thread = threading.Thread(target=one.get)
    thread.start()
    time.sleep(0.05)
    one.put(1)
    thread.join()
"""

PROCESSES = """
import multiprocessing, threading, time
if __name__ == "__main__":
    events = [multiprocessing.Event() for _ in range(3)]
    alone = multiprocessing.Event()
    for one in [*reversed(events), alone]:
        thread = threading.Thread(target=one.wait)
        thread.start()
        time.sleep(0.05)
        one.set()
        thread.join()
"""


def numbers(result: Run, *types: str) -> Dict[int, List[Tuple[int, int]]]:
    """By line: (nth, among) of the things of these types, in the order in which they were told of."""
    stream = result.main
    found: Dict[int, List[Tuple[int, int]]] = {}
    for _, one in sorted(stream.definitions["object"].items()):
        lines = stream.lines(one["stack"], "program.py")
        if one["type"] in types and lines and not one.get("internal"):
            found.setdefault(lines[0], []).append((one.get("nth", 0), one.get("among", 0)))
    return found


class CreationsTest(unittest.TestCase):
    def told(self, core: str, source: str, *types: str) -> Dict[int, List[Tuple[int, int]]]:
        result = run(source, options=f"core={core}")
        self.assertEqual((result.code, result.stderr), (0, ""))
        return numbers(result, *types)

    def test_things_are_numbered_as_they_were_made(self) -> None:
        backwards = [(3, 3), (2, 3), (1, 3)]
        for core in CORES:
            for source, types, several, alone in (
                (TASKS, ("Lock",), 7, 8),
                (QUEUES, ("Queue",), 3, 4),
                (PROCESSES, ("Event",), 4, 5),
            ):
                with self.subTest(core=core, types=types):
                    found = self.told(core, source, *types)
                    self.assertEqual(found, {several: backwards, alone: [(1, 1)]})

    def test_a_module_of_the_program_may_be_called_much_like_the_librarys(self) -> None:
        source = QUEUES.replace("import queue", '__name__ = "queues"; import queue')
        for core in CORES:
            with self.subTest(core):
                found = self.told(core, source, "Queue")
                self.assertEqual(found, {3: [(3, 3), (2, 3), (1, 3)], 4: [(1, 1)]})

    @unittest.skipUnless("native" in CORES, "there is no native core for this interpreter")
    def test_locks_too(self) -> None:
        found = self.told("native", LOCKS, "Lock")
        self.assertEqual(found, {5: [(3, 3), (2, 3), (1, 3)], 8: [(1, 1)]})
        found = self.told("native", LOCKS, "Semaphore")
        self.assertEqual(sorted(nth for nth, _ in found[18]), [1, 2, 3])

    @unittest.skipIf(sys.version_info >= (3, 13), "the Python core does not see locks made there")
    def test_locks_without_the_native_core(self) -> None:
        found = self.told("python", LOCKS, "Lock")
        self.assertEqual(found, {5: [(3, 3), (2, 3), (1, 3)], 8: [(1, 1)]})

    @unittest.skipUnless("native" in CORES, "there is no native core for this interpreter")
    def test_two_on_a_line(self) -> None:
        source = (
            "import threading, time\n"
            "one, two = threading.Lock(), threading.Lock()\n"
            "for lock in two, one:\n"
            "    lock.acquire()\n"
            "    def take(): lock.acquire()\n"
            "    thread = threading.Thread(target=take)\n"
            "    thread.start()\n"
            "    time.sleep(0.05)\n"
            "    lock.release()\n"
            "    thread.join()\n"
        )
        self.assertEqual(self.told("native", source, "Lock"), {2: [(2, 2), (1, 2)]})


if __name__ == "__main__":
    unittest.main()
