"""The probe's own estimate of what it costs: what is counted, and that nothing is counted twice."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from interleave_probe.costs import NATIVE, PYTHON
from recording import Run, run

STEPS = """
import asyncio, sys
async def work(times):
    for _ in range(times): await asyncio.sleep(0)
asyncio.run(work({}))
costs = sys.modules["interleave_probe.costs"]
native = costs._session.native is not None
counts = dict(zip(costs.NATIVE if native else costs.PYTHON, costs.left()))
print(counts["steps"], counts.get("handles", 0))
"""

LOCKS = """
import asyncio, sys
async def work(times):
    lock = asyncio.Lock()
    for _ in range(times):
        await asyncio.sleep(0)
        for _ in range({}):
            async with lock: pass
asyncio.run(work(20000))
costs = sys.modules["interleave_probe.costs"]
print(costs.hooks())
"""

SENT = """
import multiprocessing, sys
one, other = multiprocessing.Pipe()
lock = multiprocessing.Lock()
for _ in range({}):
    with lock: other.send(1)
    one.recv()
costs = sys.modules["interleave_probe.costs"]
print(costs.hooks())
"""

POOL = """
import sys
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    list(pool.map(abs, range({})))
pools = sys.modules["interleave_probe.pools"]
print(pools.passed())
"""

MEASURED = """
import sys
probe, costs = sys.modules["interleave_probe"], sys.modules["interleave_probe.costs"]
session = probe.session
def left():
    return costs.hooks(), costs.left()[-1]
before = left()
mark = costs.begin()
for number in range(3000): session.ring.emit(94, 0, 0, 0, 0, 0)
for number in range(50): session.sink.string(f"text {number}")
costs.end(mark)
measured = left()
for number in range(3000): session.ring.emit(94, 0, 0, 0, 0, 0)
for number in range(50): session.sink.string(f"other text {number}")
counted = left()
print(measured[1] - before[1], counted[1] - measured[1], measured[0] - before[0], counted[0] - measured[0])
"""


def counted(done: Run) -> int:
    """What hooks have cost by their number, ns of the usual machine."""
    return int(done.stdout)


class CostsTest(unittest.TestCase):
    def test_steps_of_loops_count(self) -> None:
        # A turn of the loop is a step, too.
        for core, handles in (("native", 200_000), ("python", 0)):
            with self.subTest(core):
                done = run(STEPS.format(200_000), options=f"core={core}")
                steps, made = map(int, done.stdout.split())
                self.assertIn(steps, range(200_000, 410_000))
                self.assertIn(made, range(handles, handles + 1000))

    def test_locks_of_asyncio_count_also_while_nobody_looks(self) -> None:
        few, many = (counted(run(LOCKS.format(times), options="core=python")) for times in (0, 20))
        # They are many more than steps: the part that was looked at says how many more, roughly.
        self.assertGreater(many - few, 400_000 * PYTHON["acquires"] // 2)

    def test_messages_between_processes_count(self) -> None:
        # A message is written once and read twice, its length first.
        each_python = 3 * PYTHON["notes"] + 2 * PYTHON["semaphores"]
        for core, each in (("native", 3 * NATIVE["notes"]), ("python", each_python)):
            with self.subTest(core):
                few, many = (
                    counted(run(SENT.format(times), options=f"core={core}"))
                    for times in (10, 5_010)
                )
                self.assertGreaterEqual(many - few, 5_000 * each)

    def test_items_of_pools_that_are_passed_over_count(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                # The budget of a slow machine is refilled more often meanwhile.
                passed = counted(run(POOL.format(20_000), options=f"core={core}"))
                self.assertGreater(passed, 10_000)
                self.assertLess(passed, 20_000)
                self.assertEqual(counted(run(POOL.format(100), options=f"core={core}")), 0)

    def test_what_is_measured_is_not_counted_again(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(MEASURED, options=f"core={core}")
                self.assertEqual(done.code, 0, done.stderr)
                measured_lines, lines, measured, counted = map(int, done.stdout.split())
                self.assertEqual(measured_lines, 0)
                # A look of the probe's own thread takes off what others have done meanwhile, too.
                self.assertIn(lines, range(40, 51))
                self.assertLess(measured, counted / 10)


if __name__ == "__main__":
    unittest.main()
