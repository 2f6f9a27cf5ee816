"""How full queues are, to their end."""

import os
import sys
import unittest
from typing import Dict, List

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from recording import pythons, run

# Each queue is filled, looked at, emptied to what is left and let go at once.
THREADS = """
import queue, time
class Item:
    def __del__(self): died.append(1)
died = []
def use(left):
    q = queue.Queue()
    for _ in range(20): q.put(Item())
    time.sleep(0.35)
    while q.qsize() > left: q.get()
use(0)
use(3)
print(len(died))
time.sleep(0.3)
"""
TASKS = """
import asyncio, time
class Item:
    def __del__(self): died.append(1)
died = []
async def use(left):
    q = asyncio.Queue()
    for _ in range(20): q.put_nowait(Item())
    await asyncio.sleep(0.35)
    while q.qsize() > left: q.get_nowait()
async def main():
    await use(0)
    await use(3)
    print(len(died))
    await asyncio.sleep(0.3)
asyncio.run(main())
"""


class QueuesTest(unittest.TestCase):
    def test_depth_is_told(self) -> None:
        main = run(
            "import queue, time\nq = queue.Queue()\nfor n in range(5):\n    q.put(n)\n    time.sleep(0.12)\n"
        ).main
        depths = [r.b for r in main.of("QUEUE_DEPTH")]
        self.assertEqual(depths, sorted(depths))
        self.assertEqual(depths[-1], 5)

    def test_depth_of_a_simple_queue_is_told_once_somebody_has_waited_at_it(self) -> None:
        source = """
import queue, threading, time
q, unseen = queue.SimpleQueue(), queue.SimpleQueue()
thread = threading.Thread(target=lambda: (q.get(), time.sleep(0.6)))
thread.start()
time.sleep(0.1)
for _ in range(6): q.put(_); unseen.put(_)
thread.join()
"""
        for python in pythons():
            for core in ("native", "python"):
                with self.subTest(python, core=core):
                    result = run(source, python=python, options=f"core={core}")
                    self.assertEqual((result.code, result.stderr), (0, ""))
                    depths = result.main.of("QUEUE_DEPTH")
                    self.assertEqual([r.b for r in depths], [5])
                    self.assertEqual(
                        result.main.define("object", depths[0].a)["type"], "SimpleQueue"
                    )

    def test_what_is_left_is_told_of_one_that_has_died(self) -> None:
        for python in pythons():
            for core in ("native", "python"):
                for source in (THREADS, TASKS):
                    with self.subTest(python, core=core, tasks=source is TASKS):
                        result = run(source, python=python, options=f"core={core}")
                        # Items die with it, not later.
                        self.assertEqual((result.stdout, result.stderr), ("40\n", ""))
                        depths: Dict[int, List[int]] = {}
                        for r in result.main.of("QUEUE_DEPTH"):
                            depths.setdefault(r.a, []).append(r.b)
                        ends = list(depths.values())
                        self.assertEqual([each[-1] for each in ends], [0, 3], ends)
                        self.assertEqual([max(each) for each in ends], [20, 20])


if __name__ == "__main__":
    unittest.main()
