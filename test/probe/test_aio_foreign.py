"""Event loops and limiters that are not asyncio's own: uvloop and anyio, where an interpreter here has them."""

import subprocess
import unittest
from typing import Optional
from weakref import ref

from interleave_probe import aio_live
from recording import ROOT, line_of, pythons, run

TASK_BIT = 1 << 31

UVLOOP = """
import asyncio, time, uvloop

async def get(queue):
    await queue.get()  # gets

async def main():
    queue = asyncio.Queue()
    getter = asyncio.create_task(get(queue))
    await asyncio.sleep(0.3)
    for _ in range(3):
        time.sleep(0.2)  # blocks
        await asyncio.sleep(0.2)
    queue.put_nowait(1)
    await getter

loop = uvloop.new_event_loop()
loop.run_until_complete(main())
loop.close()
print("done")
"""

LIMITER = """
import anyio

async def holds(limiter):
    async with limiter:
        await anyio.sleep(0.5)

async def waits(limiter):
    await anyio.sleep(0.05)
    async with limiter:  # waits
        pass

async def main():
    limiter = anyio.CapacityLimiter(1)
    async with anyio.create_task_group() as group:
        group.start_soon(holds, limiter, name="holds")
        group.start_soon(waits, limiter, name="waits")

anyio.run(main)
"""


def python_with(module: str) -> Optional[str]:
    """An interpreter that has a module: one of this machine's, or of an environment in the project's .cache."""
    environments = [str(path) for path in sorted(ROOT.glob(".cache/*/bin/python"))]
    for python in environments + pythons():
        if (
            subprocess.run(
                [python, "-c", f"import {module}"], capture_output=True, timeout=60
            ).returncode
            == 0
        ):
            return python
    return None


class Foreign(unittest.TestCase):
    def test_tasks_kept_by_themselves_lead_to_loops_too(self) -> None:
        """Python 3.14 has no set of all tasks: a loop of others is found by those that something was said of."""

        class Task:
            pass

        one = Task()
        aio_live.known[id(one)] = ref(one)
        try:
            self.assertEqual([weak() for weak in aio_live.some_tasks(1)], [one])
        finally:
            aio_live.known.clear()

    def test_blocks_of_a_compiled_loop_are_located(self) -> None:
        python = python_with("uvloop")
        if python is None:
            self.skipTest(
                "no Python here has uvloop: python -m venv .cache/stacks && .cache/stacks/bin/pip install uvloop"
            )
        for core in ("python", "native"):
            with self.subTest(core=core):
                done = run(UVLOOP, python=python, options="core=python" if core == "python" else "")
                self.assertEqual((done.code, done.stdout, done.stderr), (0, "done\n", ""))
                main = done.main
                loops = {
                    i for i, o in main.definitions["object"].items() if o["type"] == "EventLoop"
                }
                self.assertEqual([main.define("object", i)["library"] for i in loops], ["uvloop"])
                line = line_of(UVLOOP, "blocks")
                stacks = [
                    r for r in main.of("LOOP_STACK") if main.lines(r.b, "program.py")[:1] == [line]
                ]
                self.assertTrue(stacks)
                steps = [
                    r for r in main.of("LOOP_STEP") if main.lines(r.b, "program.py")[:1] == [line]
                ]
                self.assertEqual(len(steps), 3)
                self.assertGreater(max(r.b for r in main.of("LOOP_LAG")), 100_000)
                self.assertTrue(main.of("LOOP_BUSY"))
                self.assertEqual((len(main.of("LOOP_START")), len(main.of("LOOP_STOP"))), (1, 1))
                got = [
                    r
                    for r in main.of("WAIT_BEGIN")
                    if line_of(UVLOOP, "gets") in main.lines(r.b, "program.py")
                ]
                self.assertEqual({r.aux & 0xFF for r in got}, {5})
                self.assertTrue(any("uvloop" in sentence for sentence in main.process["blind"]))
                self.assertEqual(main.process["partly"], ["tasks"])

    def test_a_limiter_has_owners_and_waiters(self) -> None:
        python = python_with("anyio")
        if python is None:
            self.skipTest(
                "no Python here has anyio: python -m venv .cache/stacks && .cache/stacks/bin/pip install anyio"
            )
        done = run(LIMITER, python=python)
        self.assertEqual((done.code, done.stderr), (0, ""))
        main = done.main
        wait = next(r for r in main.of("WAIT_BEGIN") if r.aux & 0xFF == 14)
        self.assertIn(line_of(LIMITER, "waits"), main.lines(wait.b, "program.py"))
        limiter = main.define("object", wait.a)
        self.assertEqual(
            (limiter["type"], limiter["library"], limiter["capacity"]), ("Limiter", "anyio", 1)
        )
        owner = next(r for r in main.of("WAIT_OWNER") if r.actor == wait.actor and r.a == wait.a)
        names = {t["id"]: t["name"] for t in main.definitions["task"].values()}
        self.assertEqual(
            (names[wait.actor & ~TASK_BIT], names[owner.c & ~TASK_BIT]), ("waits", "holds")
        )


if __name__ == "__main__":
    unittest.main()
