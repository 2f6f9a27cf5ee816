"""Locks and waits of the pure-Python core: owners, nesting, holds, what each wait really is; hot locks cost nothing."""

import ast
import subprocess
import sys
import unittest
from pathlib import Path
from typing import List

sys.path.insert(0, str(Path(__file__).resolve().parent))
from recording import Record, Stream, kinds, pythons, run

DEADLOCK = """
import threading, time
class Account:
    def __init__(self):
        self.lock = threading.Lock()
        self.audit = threading.RLock()
account = Account()
both = threading.Barrier(2)
def first():
    {spin}
    with account.lock:
        {meet}
        with account.audit:
            pass
def second():
    {spin}
    with account.audit:
        {meet}
        account.lock.acquire()
ready = []
hot = threading.Lock()
def spin():
    end = time.time() + 0.4
    while time.time() < end:
        for _ in range(1000):
            with hot:
                pass
for target in (first, second):
    threading.Thread(target=target, name=target.__name__, daemon=True).start()
time.sleep(1.6)
"""

WAITS = """
import queue, threading, time
jobs, small, simple = queue.Queue(), queue.Queue(1), queue.SimpleQueue()
event, gate, changed, turn = threading.Event(), threading.Semaphore(1), threading.Condition(), threading.Barrier(2)
def work():
    jobs.get()
    event.wait()
    with gate:
        pass
    with changed:
        changed.wait()
    turn.wait()
    with changed:
        changed.wait_for(lambda: False, 0.005)
    simple.get()
    small.put(1)
    small.put(2)
    jobs.join()
worker = threading.Thread(target=work, name="w")
gate.acquire()
worker.start()
pause = lambda: time.sleep(0.03)
pause(); jobs.put(1)
pause(); event.set()
pause(); gate.release()
pause()
with changed:
    changed.notify()
pause(); turn.wait()
pause(); simple.put(1)
pause(); small.get()
pause(); jobs.task_done()
worker.join()
"""


def types(stream: Stream, object_id: int) -> str:
    return str(stream.define("object", object_id)["type"]) if object_id else ""


CALLS = """
import sys, threading

lock = {lock}()
for _ in range(5):
    with lock:
        pass
calls = []

def note(frame, event, called):
    if event == "call":
        calls.append(frame.f_code.co_name)
    elif event.startswith("c_"):
        calls.append(event[2:] + " " + called.__name__)

def body():
    pass

sys.setprofile(note)
lock.acquire()
body()
lock.release()
sys.setprofile(None)
print(calls)
"""


# Another thread takes the lock off, as one that was let go unseen, between two lines of the one that lets it go.
TWICE = """
from interleave_probe import lock_facts
class Vanishing(list):
    def __getitem__(self, place):
        found = list.__getitem__(self, place)
        self.clear()
        return found
    def __contains__(self, thing):
        found = list.__contains__(self, thing)
        self.clear()
        return found
known, other = lock_facts.Lock("Lock"), lock_facts.Lock("Lock")
for held in ([known], [known, other]):
    known.owner = 12345
    lock_facts.held[12345] = Vanishing(held)
    lock_facts.let_go(known)
    print(known.depth, end="\\n" if len(held) > 1 else " ")
"""


class LocksTest(unittest.TestCase):
    def check_deadlock(self, stream: Stream, source: str) -> None:
        first, second = stream.thread("first"), stream.thread("second")
        open_waits = {}
        for record in stream.records:
            if record.kind == "WAIT_BEGIN":
                open_waits[record.actor] = record
            elif record.kind == "WAIT_END":
                open_waits.pop(record.actor, None)
        waits = {actor: w for actor, w in open_waits.items() if actor in (first, second)}
        self.assertEqual(
            {actor: stream.lines(w.b, "program.py")[0] for actor, w in waits.items()},
            {
                first: line_that_is(source, "with account.audit:"),
                second: line_that_is(source, "account.lock.acquire()"),
            },
        )
        self.assertEqual(
            {actor: types(stream, w.a) for actor, w in waits.items()},
            {first: "RLock", second: "Lock"},
        )
        latest = {
            r.actor: r.c for r in stream.of("WAIT_OWNER") if r.aux & 0x8000 and r.actor in waits
        }
        self.assertEqual(latest, {first: second, second: first})

    def test_a_deadlock_of_two_locks_names_both_owners(self) -> None:
        source = DEADLOCK.format(spin="pass", meet="both.wait()")
        for python in pythons():
            with self.subTest(python):
                self.check_deadlock(run(source, python=python).main, source)

    def test_a_deadlock_that_closes_while_the_hooks_are_out_is_found_by_its_frames(self) -> None:
        source = DEADLOCK.format(
            spin="spin()", meet="ready.append(1)\n        while len(ready) < 2: pass"
        )
        for python in pythons():
            with self.subTest(python):
                self.check_deadlock(run(source, python=python).main, source)

    def test_nesting_is_told_once_per_chain_and_re_entry_is_none(self) -> None:
        source = """
import threading
a, b, r = threading.Lock(), threading.Lock(), threading.RLock()
def nested():
    with a:
        with b:
            pass
for _ in range(3):
    nested()
with r:
    with r:
        pass
    if a.acquire(blocking=False):
        a.release()
"""
        for python in pythons():
            with self.subTest(python):
                main = run(source, python=python).main
                nests = main.of("NEST")
                self.assertEqual([main.lines(n.b, "program.py")[0] for n in nests], [6, 13])
                self.assertEqual([n.aux for n in nests], [0, kinds.ACQUIRE_TRY])
                ((outer, stack),) = main.define("chain", nests[0].c)["held"]
                self.assertEqual(
                    (types(main, outer), main.lines(stack, "program.py")[0]), ("Lock", 5)
                )
                created = [
                    main.lines(main.define("object", n.a)["stack"], "program.py") for n in nests
                ]
                if not python_is(python, 13):
                    self.assertEqual(created, [[3], [3]])

    def test_thousands_held_at_once_cost_no_more_each_than_some(self) -> None:
        source = """
import threading
locks = []
for _ in range(15000):
    locks.append(threading.Lock())
    locks[-1].acquire()
for lock in locks: lock.release()
"""
        for core in ("native", "python"):
            with self.subTest(core=core):
                # Looked at all over each time they would take minutes, and gigabytes.
                main = run(source, options=f"core={core}").main
                chains = [main.define("chain", nest.c)["held"] for nest in main.of("NEST")]
                self.assertGreater(len(chains), 100)
                self.assertEqual(max(map(len, chains)), 64)
                # The outermost and the innermost are among them.
                told = [lock for lock, _ in chains[-1]]
                self.assertEqual(told[0], chains[0][0][0])
                self.assertEqual(told[-1], chains[-2][-1][0] + 1)

    def test_contended_and_long_holds(self) -> None:
        main = run(
            """
import threading, time
lock = threading.Lock()
def hold():
    with lock:
        time.sleep(0.05)
threads = [threading.Thread(target=hold) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
with lock:
    time.sleep(0.02)
"""
        ).main
        # The library's own locks are nobody's business here, but may have been waited for as well.
        waits = [
            r
            for r in main.of("WAIT_BEGIN")
            if r.aux == kinds.WAIT_ACQUIRE and main.lines(r.b, "program.py")[:1] == [5]
        ]
        self.assertEqual(len(waits), 2)
        (lock,) = {r.a for r in waits}

        def told(*names: str) -> List[Record]:
            return [r for r in main.of(*names) if r.a == lock]

        self.assertEqual([r.aux for r in told("ACQUIRE")], [kinds.ACQUIRE_WAITED] * 2)
        self.assertEqual(len(told("RELEASE")), 2)
        holds = told("HOLD")
        self.assertEqual([main.lines(h.b, "program.py")[0] for h in holds], [5, 10])
        self.assertTrue(all(h.c >= 20_000 for h in holds))
        self.assertEqual((told("COUNTS")[-1].b, told("COUNTS")[-1].c), (4, 2))
        self.assertGreater(told("TOTALS")[-1].b, 100_000)

    def test_full_detail_has_every_acquire_and_release(self) -> None:
        source = (
            "import threading\nlock = threading.Lock()\nfor _ in range(50):\n    with lock: pass\n"
        )
        full = run(source, options="core=python;detail=full").main
        (lock,) = [o["id"] for o in full.definitions["object"].values() if not o.get("internal")]
        told = [r.kind for r in full.of("ACQUIRE", "RELEASE") if r.a == lock]
        self.assertEqual(told, ["ACQUIRE", "RELEASE"] * 50)
        self.assertEqual(run(source).main.of("ACQUIRE"), [])

    def test_each_wait_is_what_it_is(self) -> None:
        wanted = [
            (5, "Queue", 6),
            (3, "Event", 7),
            (14, "Semaphore", 8),
            (2, "Condition", 11),
            (4, "Barrier", 12),
            (2 | 0x100, "Condition", 14),
            (5, "SimpleQueue", 15),
            (6, "Queue", 17),
            (7, "Queue", 18),
        ]
        for python in pythons():
            with self.subTest(python):
                result = run(WAITS, python=python)
                self.assertEqual((result.code, result.stderr), (0, ""))
                main = result.main
                w, me = main.thread("w"), main.thread("MainThread")
                waits = [
                    r
                    for r in main.of("WAIT_BEGIN")
                    if r.actor == w and r.aux & 0xFF != kinds.WAIT_ACQUIRE
                ]
                found = [(r.aux, types(main, r.a), main.lines(r.b, "program.py")[0]) for r in waits]
                self.assertEqual(found, wanted)
                ends = {r.b: r for r in main.of("WAIT_END") if r.actor == w}
                results = [ends[r.b].aux for r in waits]
                self.assertEqual(results, [1, 1, 1, 1, 1, 2, 1, 1, 1])
                wakers = [ends[r.b].c for r in waits]
                self.assertEqual(wakers, [me, me, me, me, me, 0, 0, me, me])
                (semaphore,) = [r for r in main.of("WAIT_OWNER") if types(main, r.a) == "Semaphore"]
                self.assertEqual(
                    (semaphore.c, main.lines(semaphore.b, "program.py")),
                    (me, [line_that_is(WAITS, "gate.acquire()")]),
                )

    def test_a_semaphore_used_as_a_signal_has_no_owner(self) -> None:
        main = run(
            """
import threading, time
signal = threading.Semaphore(1)
def take():
    for _ in range(3):
        signal.acquire()
threading.Thread(target=take, name="t").start()
for _ in range(2):
    time.sleep(0.15)
    signal.release()
"""
        ).main
        waits = [r for r in main.of("WAIT_BEGIN") if r.aux == kinds.WAIT_SEMAPHORE]
        self.assertEqual(len(waits), 2)
        self.assertEqual(
            {r.c for r in main.of("WAIT_OWNER") if types(main, r.a) == "Semaphore"}, {0}
        )

    def test_next_to_nothing_runs_while_a_lock_is_held(self) -> None:
        # Each call lets others have the GIL, and who then waits for the lock makes it slow for good.
        for lock in ("threading.Lock", "threading.RLock"):
            with self.subTest(lock):
                calls: List[str] = ast.literal_eval(run(CALLS.format(lock=lock)).stdout)
                taken = calls.index("return acquire")
                given = calls.index("call release", taken)
                held = [name for name in calls[taken + 1 : given] if not name.startswith("return ")]
                self.assertIn("body", held)
                self.assertLessEqual(len(held), 6, held)

    def test_a_hot_lock_takes_the_hooks_out_and_the_recording_says_so(self) -> None:
        source = """
import threading, _thread
before = _thread.LockType.__dict__["acquire"]
lock = threading.Lock()
python = type(lambda: 0)
seen = set()
for _ in range(300000):
    with lock:
        pass
    if _ % 1000 == 0:
        seen.add(type(type(lock).__dict__["acquire"]) is python)
print(sorted(seen))
"""
        result = run(source)
        self.assertEqual(result.stdout, "[False, True]\n")
        self.assertTrue(any("short windows" in text for text in result.main.process["blind"]))

    def test_who_sleeps_on_the_line_that_took_the_lock_does_not_wait_for_it(self) -> None:
        source = """
import threading, time
lock, other = threading.Lock(), threading.Lock()
def holds():
    with lock: time.sleep(0.4)
def comes_late():
    if lock.acquire(timeout=0.4): time.sleep(0.4)
for target in (holds, comes_late):
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
"""
        result = run(source)
        self.assertEqual(result.code, 0, result.stderr)
        self.assertEqual([r for r in result.main.of("WAIT_BEGIN") if r.aux & 0xFF == 1], [])

    def test_uninstall_puts_every_method_back(self) -> None:
        source = f"""
import _thread, sys, threading, queue, _queue
kinds = (_thread.LockType, _thread.RLock, _queue.SimpleQueue, threading.Condition, threading.Thread, threading.Semaphore)
look = lambda: [(k, n, getattr(v, "__code__", v)) for k in kinds for n, v in vars(k).items() if n != "__doc__"] + [
    threading.Lock, threading.RLock.__code__, threading._shutdown.__code__, queue.Queue.__init__.__code__]
before = look()
sys.path.insert(0, {str(Path(__file__).resolve().parents[2] / "probe" / "python")!r})
import interleave_probe, tempfile
with tempfile.TemporaryDirectory() as folder:
    assert interleave_probe.install(folder, "core=python")
    during = look()
    interleave_probe.uninstall()
    after = look()
print(during != before, after == before)
"""
        for python in pythons():
            done = subprocess.run([python, "-c", source], capture_output=True, text=True)
            self.assertEqual((done.stdout, done.stderr), ("True True\n", ""), python)

    def test_a_lock_that_is_taken_off_by_two_at_once(self) -> None:
        done = run(TWICE)
        self.assertEqual((done.code, done.stdout), (0, "0 0\n"), done.stderr)


def line_that_is(source: str, text: str) -> int:
    """The first line with this text."""
    return next(
        number for number, line in enumerate(source.splitlines(), 1) if line.strip() == text
    )


def python_is(python: str, minor: int) -> bool:
    check = f"import sys; sys.exit(0 if sys.version_info >= (3, {minor}) else 1)"
    return subprocess.run([python, "-c", check]).returncode == 0


if __name__ == "__main__":
    unittest.main()
