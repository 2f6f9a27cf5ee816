"""Waits that really block: for semaphores, simple queues and results; the same on both cores, whoever writes them down."""

import signal
import sys
import unittest
from pathlib import Path
from typing import List, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native
from recording import Stream, kinds, run

CORES = ("native", "python") if native.find({}) is not None else ("python",)

PERMITS = """
import threading, time
gate = threading.Semaphore(2)
inside = threading.Semaphore(0)
def hold(seconds):
    with gate:
        inside.release()
        time.sleep(seconds)
def enter():
    with gate:  # enter
        pass
for seconds in (0.05, 0.35):
    holders = [threading.Thread(target=hold, args=(seconds,), name="holder") for _ in range(2)]
    for one in holders:
        one.start()
    for _ in holders:
        inside.acquire()
    waiter = threading.Thread(target=enter, name="waiter")
    waiter.start()
    for one in [waiter, *holders]:
        one.join()
"""

INTERRUPTED = """
import concurrent.futures as cf, queue, signal, sys, threading, time
class Enough(Exception): pass
def enough(*_): raise Enough
signal.signal(signal.SIGALRM, enough)
gate, items = threading.Semaphore(0), queue.SimpleQueue()
pool = cf.ThreadPoolExecutor(1)
over = threading.Event()
future = pool.submit(over.wait)
for wait in (gate.acquire, items.get, future.result):
    for turn in range(110 if wait == future.result else 3):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.02 if wait == future.result else 0.2)
            wait()
        except Enough:
            print(wait.__name__)
    try:
        items.get(timeout=0.01)
    except queue.Empty:
        print("empty")
assert not gate.acquire(timeout=0.01)
try:
    future.result(timeout=0.02)
except cf.TimeoutError:
    print("late")
over.set()
"""

RESULTS = """
import concurrent.futures as cf, sys, time
def work(seconds):
    time.sleep(seconds)
with cf.ThreadPoolExecutor(1) as pool:
    for _ in range(180):
        pool.submit(work, 0.002).result()  # short
    pool.submit(work, 0.4).result()  # long
    for _ in cf.as_completed([pool.submit(work, 0.001) for _ in range(20)]):  # some
        pass
    slow = pool.submit(work, 0.3)
    cf.wait([slow])  # all
"""

DEADLOCK = """
import os, threading, time
one, other = threading.{kind}(), threading.{kind}()
def first():
    with one:  # took
        time.sleep(0.3)
        with other:
            pass
def second():
    with other:
        time.sleep(0.2)
        with one:  # waits
            pass
for run in (first, second):
    threading.Thread(target=run, daemon=True).start()
time.sleep(0.9)
os._exit(0)
"""

AIO_DEADLOCK = """
import asyncio, os
async def both(first, second, seconds):
    async with first:  # took
        await asyncio.sleep(seconds)
        async with second:  # waits
            pass
async def main():
    one, other = asyncio.Lock(), asyncio.Lock()
    asyncio.create_task(both(one, other, 0.3))
    asyncio.create_task(both(other, one, 0.2))
    await asyncio.sleep(0.9)
    os._exit(0)
asyncio.run(main())
"""


def line_with(source: str, text: str) -> int:
    return next(number for number, line in enumerate(source.split("\n"), 1) if text in line)


class WaitsTest(unittest.TestCase):
    def program(self, source: str, options: str, stdout: str = "") -> Stream:
        result = run(source, options=options)
        self.assertEqual((result.code, result.stderr, result.stdout), (0, "", stdout))
        return result.main

    def of_op(self, main: Stream, op: int) -> "List[Tuple[int, int, int, str, int]]":
        """(line, aux, result, what is waited for, waker) of each wait that has ended, in the order of the beginnings."""
        open_ones = {}
        found = []
        for record in main.of("WAIT_BEGIN", "WAIT_END"):
            if record.kind == "WAIT_BEGIN":
                open_ones[record.actor] = record
                continue
            began = open_ones.pop(record.actor)
            self.assertLessEqual(began.at, record.at)
            self.assertEqual((began.a, began.b), (record.a, record.b))
            if began.aux & 0xFF == op:
                kind = main.define("object", began.a)["type"] if began.a else ""
                line = main.lines(began.b, "program.py")[0]
                found.append((line, began.aux, record.aux, kind, record.c))
        return found

    def test_who_has_the_permits_is_said_at_once_and_while_the_wait_lasts(self) -> None:
        for core in CORES:
            with self.subTest(core):
                main = self.program(PERMITS, f"core={core}")
                line = line_with(PERMITS, "# enter")
                gates = [
                    r
                    for r in main.of("WAIT_BEGIN", "WAIT_OWNER", "OWNER_NOW", "WAIT_END")
                    if r.a and main.define("object", r.a).get("capacity") == 2
                ]
                begins = [r for r in gates if r.kind == "WAIT_BEGIN"]
                self.assertEqual([r.aux for r in begins], [kinds.WAIT_SEMAPHORE] * 2)
                self.assertEqual([main.lines(r.b, "program.py")[0] for r in begins], [line] * 2)
                # The second wait of the same line is the one that the native core writes without asking.
                long = gates[gates.index(begins[1]) :]
                self.assertEqual([r.kind for r in long[:3]], ["WAIT_BEGIN"] + ["WAIT_OWNER"] * 2)
                self.assertEqual([r.aux for r in long[1:3]], [kinds.OWNER_HOLDER] * 2)
                holders = {r.c for r in long[1:3]}
                self.assertEqual(len(holders), 2)
                taken = line_with(PERMITS, "with gate:")
                for record in long[1:3]:
                    self.assertEqual(main.lines(record.b, "program.py")[0], taken)
                again = [r for r in long[3:] if r.kind == "WAIT_OWNER"]
                self.assertGreaterEqual(len(again), 2)
                self.assertEqual({r.c for r in again}, holders)
                self.assertEqual({r.aux for r in again}, {kinds.OWNER_HOLDER | kinds.OWNER_REFRESH})
                now = {main.lines(r.b, "program.py")[0] for r in long if r.kind == "OWNER_NOW"}
                self.assertIn(line_with(PERMITS, "time.sleep(seconds)"), now)
                self.assertEqual(long[-1].kind, "WAIT_END")
                self.assertIn(long[-1].c, holders)

    def test_who_waits_for_long_makes_it_told_since_when_the_lock_is_held(self) -> None:
        sources = [DEADLOCK.format(kind=kind) for kind in ("Lock", "RLock")] + [AIO_DEADLOCK]
        for core in CORES:
            for detail in ("default", "full"):
                for source in sources:
                    with self.subTest(core=core, detail=detail, source=source):
                        self.held_since(
                            source, self.program(source, f"core={core};detail={detail}")
                        )

    def held_since(self, source: str, main: Stream) -> None:
        waits = [r for r in main.of("WAIT_BEGIN") if r.aux == kinds.WAIT_ACQUIRE]
        waits = [r for r in waits if line_with(source, "# waits") in main.lines(r.b, "program.py")]
        objects = {r.a for r in waits}
        taken = {
            (r.actor, r.a, r.at): main.lines(r.b, "program.py")[0]
            for r in main.of("ACQUIRE")
            if r.a in objects
        }
        for wait in waits:
            owner = next(r.c for r in main.of("WAIT_OWNER") if r.actor == wait.actor and r.c)
            [(at, line)] = [
                (at, line) for (who, a, at), line in taken.items() if (who, a) == (owner, wait.a)
            ]
            self.assertEqual(line, line_with(source, "# took"))
            self.assertGreater(wait.at - at, 150_000_000)
        self.assertGreater(len(waits), 0)

    @unittest.skipUnless(hasattr(signal, "setitimer"), "there are no interval timers here")
    def test_a_wait_ended_by_a_signal_ends_in_the_recording_and_nothing_else_changes(self) -> None:
        stdout = (
            "acquire\n" * 3
            + "empty\n"
            + "get\n" * 3
            + "empty\n"
            + "result\n" * 110
            + "empty\nlate\n"
        )
        for core in CORES:
            with self.subTest(core):
                main = self.program(INTERRUPTED, f"core={core};detail=full", stdout)
                error, timeout = kinds.RESULT_ERROR, kinds.RESULT_TIMEOUT
                permits = [found[2] for found in self.of_op(main, kinds.WAIT_SEMAPHORE)]
                self.assertEqual(permits, [error] * 3 + [timeout])
                results = [found[1:3] for found in self.of_op(main, kinds.WAIT_RESULT)]
                late = (kinds.WAIT_RESULT | kinds.WAIT_TIMEOUT, timeout)
                # A busy machine may be interrupted before it has begun to wait.
                self.assertGreater(len(results), 100)
                self.assertEqual(set(results[:-1]), {(kinds.WAIT_RESULT, error)})
                self.assertEqual(results[-1], late)
                gets = [found[1] & kinds.WAIT_TIMEOUT for found in self.of_op(main, kinds.WAIT_GET)]
                self.assertEqual(gets, [256, 0, 0, 0, 256, 256])

    def test_waits_for_results_are_told_when_they_last_and_all_in_full_detail(self) -> None:
        short, long, some, every = (
            line_with(RESULTS, f"# {name}") for name in ("short", "long", "some", "all")
        )
        for core in CORES:
            for detail in ("default", "full"):
                with self.subTest(core=core, detail=detail):
                    main = self.program(RESULTS, f"core={core};detail={detail}")
                    found = self.of_op(main, kinds.WAIT_RESULT)
                    self.assertEqual({one[2] for one in found}, {kinds.RESULT_DONE})
                    told = [one for one in found if one[0] == short]
                    if detail == "full":
                        # All but those whose result was there before anybody asked.
                        self.assertGreater(len(told), 165)
                        self.assertGreater(len([one for one in found if one[0] == some]), 5)
                    self.assertGreaterEqual(len([one for one in told if one[3]]), 100)
                    self.assertEqual([one[3] for one in found if one[0] == long], ["Future"])
                    self.assertEqual(len([one for one in found if one[0] == every]), 1)
                    # Who must act is known of those that last.
                    worker = {r.actor for r in main.of("ITEM_START")}
                    begins = [
                        r
                        for r in main.of("WAIT_BEGIN")
                        if r.aux == kinds.WAIT_RESULT
                        and main.lines(r.b, "program.py")[:1] in ([long], [every])
                    ]
                    for begin in begins:
                        after = main.records[main.records.index(begin) + 1 :]
                        owner = next(
                            r for r in after if r.kind == "WAIT_OWNER" and r.actor == begin.actor
                        )
                        self.assertIn(owner.aux, (kinds.OWNER_RUNNING, kinds.OWNER_QUEUED))
                        running = [
                            r
                            for r in after
                            if r.kind == "WAIT_OWNER" and r.aux & 0xFF == kinds.OWNER_RUNNING
                        ]
                        self.assertTrue({r.c for r in running} & worker)


if __name__ == "__main__":
    unittest.main()
