"""Threads that really run at once: nothing is lost, mixed up or held by who does not hold it, and nothing crashes."""

import sys
import unittest
from collections import Counter
from pathlib import Path
from typing import Dict, List, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native
from recording import Run, line_of, run

# Eight threads at one lock, at locks of their own, at locks that are made and die, and at a lock nested in another.
CROWD = """
import gc, sys, threading
hot, outer, rlock = threading.Lock(), threading.Lock(), threading.RLock()
total = 0
def work():
    global total
    own = threading.Lock()
    for turn in range({turns}):
        with hot: total += 1
        with own: pass
        with rlock:
            with rlock: pass
        if turn % 50 == 0:
            with outer:
                with hot: total += 1
            born = [threading.Lock() for _ in range(20)]
            for one in born:
                with one: pass
            if hot.acquire(False): hot.release()
            if hot.acquire(timeout=0.001): hot.release()
        if turn % 200 == 0: gc.collect()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(total)
"""
# One thread forks while others take and make locks; what the child does is its own.
FORKS = """
import os, threading
stop, lock = threading.Event(), threading.Lock()
def work():
    while not stop.is_set():
        with lock: pass
        with threading.Lock(): pass
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
codes = set()
for _ in range(10):
    child = os.fork()
    if child == 0:
        mine = threading.Lock()
        other = threading.Thread(target=lambda: mine.acquire())
        other.start()
        other.join()
        os._exit(7 if mine.locked() else 1)
    codes.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
for thread in threads: thread.join()
print(codes)
"""
# Daemon threads hold, wait and go on while the interpreter comes to its end.
DAEMONS = """
import threading, time
lock, hot = threading.Lock(), threading.Lock()
def hold():
    with lock: time.sleep(60)
def spin():
    while True:
        for _ in range(20):
            with hot: pass
        time.sleep(0.001)
for target in (hold, hold, spin, spin):
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.2)
print("end")
"""
# Threads of a free-threaded Python run copies of a function's instructions of their own; so does a generator that goes from one to another.
PLACES = """
import sys, threading
lock, begun = threading.Lock(), threading.Barrier(4)
def steps():
    while True:
        with lock: pass  # in a generator
        yield
def work():
    begun.wait()
    own = steps()
    for _ in range(300):
        with lock: pass  # in a function
        next(own)
        with turns:
            next(passed)
turns, passed = threading.RLock(), steps()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@unittest.skipIf(native.find({}) is None, "there is no native core for this interpreter")
class FreeThreadsTest(unittest.TestCase):
    def ran(self, source: str, detail: str = "default") -> Run:
        result = run(source, options=f"core=native;detail={detail}", timeout=120)
        self.assertEqual((result.code, result.stderr), (0, ""))
        self.assertEqual(result.main.process["core"], "native")
        self.assertEqual(sum(stream.torn for stream in result.streams), 0)
        return result

    def test_a_crowd_of_threads_counts_right_and_so_does_the_recording(self) -> None:
        turns = 400
        result = self.ran(CROWD.format(turns=turns))
        self.assertEqual(result.stdout, f"{8 * (turns + turns // 50)}\n")
        stream = result.main
        made = {
            stream.lines(one["stack"], "program.py")[0]: one["id"]
            for one in stream.definitions["object"].values()
            if one["type"] in ("Lock", "RLock") and stream.lines(one["stack"], "program.py") == [3]
        }
        self.assertTrue(made)
        counts: Dict[int, int] = {}
        for record in stream.of("COUNTS"):
            counts[record.a] = record.b
        # Of the hot lock each acquire, tries that found it free among them.
        self.assertGreaterEqual(max(counts.values()), 8 * (turns + turns // 50))
        begun = Counter(record.actor for record in stream.of("WAIT_BEGIN"))
        ended = Counter(record.actor for record in stream.of("WAIT_END"))
        self.assertEqual(begun, ended)

    def test_who_took_a_lock_gives_it_back_before_the_next_one_takes_it(self) -> None:
        stream = self.ran(CROWD.format(turns=100), "full").main
        spans: Dict[int, List[Tuple[int, bool, int]]] = {}
        for kind in ("ACQUIRE", "RELEASE"):
            for record in stream.of(kind):
                spans.setdefault(record.a, []).append((record.at, kind == "ACQUIRE", record.actor))
        self.assertGreater(len(spans), 10)
        for lock, events in spans.items():
            events.sort()
            for taken, given in zip(events[::2], events[1::2]):
                self.assertEqual((taken[1], given[1], given[2]), (True, False, taken[2]), lock)

    def test_a_place_is_the_same_in_all_threads(self) -> None:
        for flags in ([], ["-X", "tlbc=0"]):
            result = run(PLACES, options="core=native;detail=full", timeout=120, flags=flags)
            self.assertEqual((result.code, result.stderr), (0, ""))
            stream = result.main
            # On a busy machine a library's own lock may be waited for, and be known by that.
            (lock,) = (
                id
                for id, one in stream.objects("Lock", "threading").items()
                if stream.lines(one["stack"], "program.py")
            )
            taken = [r for r in stream.of("ACQUIRE") if r.a == lock]
            lines = Counter((r.actor, stream.lines(r.b, "program.py")[0]) for r in taken)
            function, generator = (
                line_of(PLACES, "in a function"),
                line_of(PLACES, "in a generator"),
            )
            self.assertEqual({line for _, line in lines}, {function, generator})
            for thread in {r.actor for r in taken}:
                self.assertEqual((lines[thread, function], lines[thread, generator]), (300, 600))

    @unittest.skipIf(sys.platform == "win32", "nothing forks there")
    def test_forks_among_threads_that_take_locks(self) -> None:
        result = run(FORKS, options="core=native", timeout=120, flags=["-W", "ignore"])
        self.assertEqual((result.code, result.stdout, result.stderr), (0, "{7}\n", ""))
        self.assertEqual(len(result.streams), 11)

    def test_daemons_that_hold_and_wait_at_the_end(self) -> None:
        self.assertEqual(self.ran(DAEMONS).stdout, "end\n")
