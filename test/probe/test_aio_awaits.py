"""Where suspended tasks stand, and what is said of awaits while only a part of the steps is looked at."""

from __future__ import annotations

import unittest
from typing import Dict, List, Set, Tuple

from recording import Run, line_of, run

TASK_BIT = 1 << 31

NESTED = """
import asyncio, types

async def sleeps():
    await asyncio.sleep(0.02)  # sleeps

async def numbers():
    for number in range(3):
        await sleeps()  # numbers
        yield number

async def iterates():
    async for _ in numbers():  # iterates
        pass

@types.coroutine
def bare(future):
    return (yield from future)  # bare

async def waits():
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.02, future.set_result, None)
    await bare(future)  # waits

class Awaitable:
    def __await__(self):
        yield from asyncio.sleep(0.02).__await__()  # awaitable

async def of_a_class():
    await Awaitable()  # of_a_class

async def main():
    await asyncio.gather(iterates(), waits(), of_a_class())  # main

asyncio.run(main())
"""

BUSY = """
import asyncio, time

async def hot():
    for _ in range(30_000):
        await asyncio.sleep(0)

longest = 0.0

async def ticks(times, pause):
    global longest
    for _ in range(times):
        before = time.monotonic()
        await asyncio.sleep(pause)
        longest = max(longest, time.monotonic() - before)

async def main():
    await asyncio.gather(asyncio.create_task(ticks(60, 0.01)), *[hot() for _ in range(6)])
    await asyncio.create_task(ticks(20, 0.03))  # every step is looked at again
    print(longest)

asyncio.run(main())
"""

SHORT_LIVES = """
import asyncio

async def short():
    await asyncio.sleep(0)

async def main():
    for _ in range(200):
        await asyncio.gather(*[short() for _ in range(50)])
        await asyncio.sleep(0.001)

asyncio.run(main())
"""


FOUND = """
import asyncio
from interleave_probe import aio_waits, waits

numbers, opened, between = waits._next, aio_waits._open, []

class Meanwhile:
    def __next__(self):
        waits._next = numbers
        between.append(True)
        meanwhile(*found)
        return next(numbers)

def opening(*arguments):
    global found
    found = arguments
    if not between:
        waits._next = Meanwhile()
    opened(*arguments)

aio_waits._open = opening

async def main():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.8, event.set)
    await event.wait()
"""

FOUND_TWICE = (
    FOUND
    + """
meanwhile = opened
asyncio.run(main())
print("opened twice" if between else "never opened")
"""
)

FOUND_LATE = (
    FOUND
    + """
def meanwhile(number, task, one):
    aio_waits.moved(number)

asyncio.run(main())
print(between, [wait for wait in waits.open_waits.values() if wait.object])
"""
)


# Tasks that are never told of each by itself and give way at every turn: what is left over for the collector meanwhile.
MANY = """
import asyncio, gc, time
async def gives_way(turns):
    for _ in range(turns):
        await asyncio.sleep(0)
async def main():
    others = asyncio.gather(*(gives_way(70) for _ in range(20_000)))
    for _ in range(10):
        await asyncio.sleep(0)
    gc.disable()
    kept = []
    for _ in range(4):
        before, began = gc.get_count()[0], time.monotonic()
        for _ in range(10):
            await asyncio.sleep(0)
        kept.append((gc.get_count()[0] - before) / (time.monotonic() - began) / 10)
    print(min(kept))
    gc.enable()
    await others
asyncio.run(main())
"""

# The watcher may come while a loop is between two callbacks, where a full collection can take long.
BETWEEN = """
import asyncio, sys, threading

async def main():
    lag, loops = sys.modules["interleave_probe.aio_lag"], sys.modules["interleave_probe.aio_loop"]
    frame = sys._getframe()
    while frame.f_code.co_name != "_run_once":
        frame = frame.f_back
    loop = asyncio.get_running_loop()
    numbers = loops.running[id(loop)]
    state, last = numbers[loops.STATE], numbers[loops.LAST]
    def waits():
        state.idle_stamp = -1
        lag.report(numbers, last + 5_000_000, True)
        return state.idle_stamp == last
    lag.frames_now = lambda: {threading.get_ident(): frame}
    alone = waits()
    loop.call_soon(int)
    print(alone, waits())

asyncio.run(main())
"""

# Ends that nobody has seen, as there were too many steps to look at.
UNSEEN = """
import asyncio

async def gives_way():
    for _ in range(20):
        await asyncio.sleep(0)

async def main():
    await asyncio.gather(*(gives_way() for _ in range(3_000)))
    await asyncio.sleep(0.5)

asyncio.run(main())
"""

LOOKED_AT = """
import asyncio

async def takes(thing):
    async with thing:
        await asyncio.sleep(0.2)

async def main():
    things = asyncio.Lock(), asyncio.Semaphore(1)
    await asyncio.gather(*[takes(thing) for thing in things for _ in range(2)], asyncio.sleep(0.6))

asyncio.run(main())
"""

LASTING = """
import asyncio

async def locks(lock):
    for _ in range(3):
        async with lock:  # locks
            await asyncio.sleep(0.003)

async def permits(semaphore):
    for _ in range(3):
        async with semaphore:  # permits
            await asyncio.sleep(0.003)

async def main():
    lock, semaphore = asyncio.Lock(), asyncio.Semaphore(1)
    await asyncio.gather(*(locks(lock) for _ in range(3)))
    await asyncio.gather(*(permits(semaphore) for _ in range(3)))

asyncio.run(main())
"""


CROWDED = """
import asyncio

async def one(thing):
    async with thing:
        await asyncio.sleep(0.02)

async def main():
    lock, semaphore = asyncio.Lock(), asyncio.Semaphore(3)
    await asyncio.gather(*(one(lock) for _ in range(3)), *(one(semaphore) for _ in range(9)))

asyncio.run(main())
"""


class Awaits(unittest.TestCase):
    def stacks(self, done: Run) -> Set[Tuple[int, ...]]:
        """Lines of the program, innermost first, of all that was said to be suspended."""
        self.assertEqual(done.code, 0, done.stderr)
        return {
            tuple(done.main.lines(record.b, "program.py"))
            for record in done.main.of("TASK_SUSPEND")
            if record.b
        }

    def test_both_cores_find_the_same_places(self) -> None:
        expected: List[Tuple[str, ...]] = [
            ("sleeps", "numbers", "iterates"),
            ("bare", "waits"),
            ("awaitable", "of_a_class"),
        ]
        for core in ("core=python;detail=full", "detail=full"):
            with self.subTest(options=core):
                found = self.stacks(run(NESTED, options=core))
                for marks in expected:
                    self.assertIn(tuple(line_of(NESTED, mark) for mark in marks), found)

    def test_no_await_is_said_to_last_over_steps_that_nobody_has_seen(self) -> None:
        for core in ("core=python", "detail=default"):
            with self.subTest(options=core):
                done = run(BUSY, options=core)
                self.assertEqual(done.code, 0, done.stderr)
                longest, seen = float(done.stdout) * 1e9, 0
                begun: Dict[int, int] = {}
                tickers = [
                    TASK_BIT | record.a
                    for record in done.main.of("TASK_CREATE")
                    if done.main.define("string", record.c)["text"] == "ticks"
                ]
                for record in done.main.of("TASK_SUSPEND", "TASK_RESUME"):
                    if record.actor not in tickers:
                        continue
                    if record.kind == "TASK_SUSPEND":
                        begun[record.actor] = record.at
                    else:
                        self.assertLessEqual(record.at - begun.pop(record.actor), longest + 1e6)
                    seen += 1
                self.assertGreater(seen, 0)

    def test_a_wait_that_two_threads_find_at_once_is_told_once(self) -> None:
        """The watcher and the loop's own thread both go through the tasks; here the second comes while the first begins."""
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(FOUND_TWICE, options=core)
                self.assertEqual((done.code, done.stdout), (0, "opened twice\n"), done.stderr)
                waits = [r.kind for r in done.main.of("WAIT_BEGIN", "WAIT_END") if r.a]
                self.assertEqual(waits, ["WAIT_BEGIN", "WAIT_END"])

    def test_a_wait_that_is_found_as_it_ends_does_not_stay_open(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(FOUND_LATE, options=core)
                self.assertEqual((done.code, done.stdout), (0, "[True] []\n"), done.stderr)
                waits = [r.kind for r in done.main.of("WAIT_BEGIN", "WAIT_END") if r.a]
                # The task waits on, and is found again.
                self.assertTrue(waits)
                self.assertEqual(waits, ["WAIT_BEGIN", "WAIT_END"] * (len(waits) // 2))

    def test_what_is_kept_of_many_tasks_brings_the_collector_no_sooner(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(MANY, options=core)
                self.assertEqual(done.code, 0, done.stderr)
                # For a tenth of a second, as much as that is told anew.
                self.assertLess(float(done.stdout), 60)

    def test_a_loop_between_two_callbacks_does_not_wait(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(BETWEEN, options=core)
                self.assertEqual((done.code, done.stdout), (0, "True False\n"), done.stderr)

    def test_each_task_that_was_told_of_ends_once_though_nobody_has_seen_it(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(UNSEEN, options=core)
                self.assertEqual(done.code, 0, done.stderr)
                made = sorted(TASK_BIT | record.a for record in done.main.of("TASK_CREATE"))
                ends = done.main.of("TASK_END")
                self.assertEqual(made, sorted(record.actor for record in ends))
                self.assertGreater(sum(record.aux == 0 for record in ends), 100, "how is not known")

    def test_waits_and_holds_that_last_are_told_each_time(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(LASTING, options=core)
                self.assertEqual(done.code, 0, done.stderr)
                for mark, op in (("locks", 1), ("permits", 14)):
                    line = line_of(LASTING, mark)
                    begins = [r for r in done.main.of("WAIT_BEGIN") if r.aux == op]
                    waiting = {r.actor for r in begins}
                    # All but the first of nine, of three tasks; who asks again at once finds that nobody has it yet.
                    self.assertEqual(len(begins), 8)
                    self.assertEqual(len(waiting), 3)
                    thing = begins[0].a
                    owners = [r for r in done.main.of("WAIT_OWNER") if r.a == thing]
                    ends = [r for r in done.main.of("WAIT_END") if r.a == thing]
                    holds = [r for r in done.main.of("HOLD") if r.a == thing]
                    self.assertEqual((len(owners), len(ends), len(holds)), (2, 8, 9))
                    for record in [*begins, *ends, *owners, *holds]:
                        self.assertEqual(
                            (record.a, done.main.lines(record.b, "program.py")[:1]), (thing, [line])
                        )
                    for record in owners:
                        self.assertIn(record.c, waiting)
                        self.assertNotEqual(record.c, record.actor)
                    for record in holds:
                        self.assertGreaterEqual(record.c, 2_900)
                        self.assertIn(record.actor, waiting)

    def test_who_was_waited_for_has_been_counted(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(CROWDED, options=core + ";detail=full")
                self.assertEqual((done.code, done.stderr), (0, ""))
                counts: Dict[str, Tuple[int, int]] = {}
                for record in done.main.of("COUNTS"):
                    kind = done.main.define("object", record.a)
                    if kind["library"] == "asyncio":
                        counts[kind["type"]] = (record.b, record.c)
                self.assertEqual(counts, {"Lock": (3, 2), "Semaphore": (9, 6)})

    def test_a_wait_that_was_on_record_while_it_lasted_is_not_told_again_when_it_ends(self) -> None:
        for core in ("core=native", "core=python"):
            with self.subTest(options=core):
                done = run(LOOKED_AT, options=core)
                self.assertEqual(done.code, 0, done.stderr)
                for op in (1, 14):
                    begins = [r for r in done.main.of("WAIT_BEGIN") if r.aux & 0xFF == op]
                    self.assertEqual(len(begins), 1)

    def test_tasks_that_were_told_of_are_over_when_their_loop_has_closed(self) -> None:
        for options in ("core=python", "detail=default"):
            main = run(SHORT_LIVES, options=options).main
            made = {TASK_BIT | r.a for r in main.of("TASK_CREATE")}
            ended = [r.actor for r in main.of("TASK_END")]
            self.assertEqual(len(ended), len(set(ended)))
            self.assertLessEqual(set(ended), made)
            # Others that came to lie where they had lain made most forgotten. One that was only just met may still be: it could
            # be the new one itself in its first step.
            self.assertGreater(len(made), 200)
            self.assertLess(len(made - set(ended)), 0.1 * len(made))


if __name__ == "__main__":
    unittest.main()
