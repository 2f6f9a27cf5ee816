"""The watcher's thread: seldom to be seen under the native core, and there again after a fork."""

import importlib.util
import os
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from interleave_probe import frames, native
from recording import run

HAS_NATIVE = native.find({}) is not None

LOOKS = """
import faulthandler, sys, tempfile, time
times = frames = threads = 0
with tempfile.TemporaryFile() as file:
    for _ in range(20):
        time.sleep(0.01)
        frames += len(sys._current_frames()) == 1
        faulthandler.dump_traceback(file)
    file.seek(0)
    threads = file.read().count(b"hread 0x")
print(frames, threads)
"""

FINALIZERS = """
import gc, _thread, time
main = _thread.get_ident()
where = {True: 0, False: 0}

class Window:
    def __init__(self):
        self.me = self

    def __del__(self):
        where[_thread.get_ident() == main] += 1

gc.set_threshold(3)
end = time.monotonic() + 0.7
while time.monotonic() < end:
    Window()
    time.sleep(0.0005)
print(where[True] > 0, where[False], gc.isenabled())
gc.disable()
time.sleep(0.1)
print(gc.isenabled())
"""

FORKS_IN_A_LOOK = """
import gc, os, sys, time
from interleave_probe import garbage, session

def step(late):
    child = os.fork()
    if not child:
        os._exit(gc.isenabled())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0

if session.native is None:
    garbage.left_alone(step, 0)
else:
    session.native.unwatch(1)
    session.native.watch(step, 1_000_000, None)
    time.sleep(0.5)
print(gc.isenabled())
"""

WAITS = """
import sys, time
from interleave_probe import session

core, looks = session.native, []
core.unwatch(1)

def step(late):
    looks.append(late)
    return 10_000_000

core.watch(step, 10_000_000, None)
if sys.argv[1] == "waits":
    time.sleep(0.6)
while sys.argv[1] == "works" and time.process_time() < 0.6:
    pass
core.unwatch(1)
print(len(looks))
"""

FORKS = """
import os, time
def work():
    end = time.monotonic() + 0.4
    while time.monotonic() < end: pass
pid = os.fork()
if pid == 0:
    work()
    os._exit(0)
os.waitpid(pid, 0)
work()
"""

COLLECTS = """
import gc
keep = [{} for _ in range(300000)]
bad = 0
for _ in range(40):
    for _ in range(3):
        gc.collect()
    bad += gc.get_count()[0] >= 5
print(bad)
"""

ENDS = """
import threading
over = threading.Event()
threads = [threading.Thread(target=over.wait) for _ in range(1500)]
for thread in threads: thread.start()
over.set()
for thread in threads: thread.join()
print("end")
"""


AUDITS = """
import sys, time
events = set()
sys.addaudithook(lambda name, arguments: events.add(name))
time.sleep(0.3)
print([name for name in sorted(events) if name.startswith("sys.")])
"""


TRACES = """
import time, tracemalloc
def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end: pass
for _ in range(80):
    tracemalloc.start()
    spin(0.003)
    tracemalloc.stop()
    spin(0.006)
print("end")
"""

STAYS = """
import sys, time, tracemalloc
tracemalloc.start()
time.sleep(0.1)
seen = 0
for _ in range(20):
    time.sleep(0.01)
    seen += any(frame.f_globals["__name__"] == "interleave_probe.watcher" for frame in sys._current_frames().values())
print(seen)
"""

SLOW_FORKS = """
import ctypes, os, sys
from interleave_probe import native

sys.setswitchinterval(100)
api, libc = ctypes.pythonapi, ctypes.PyDLL(None)
for walk in (api.PyInterpreterState_Get, api.PyInterpreterState_ThreadHead, api.PyThreadState_Next):
    walk.restype = ctypes.c_void_p

def known():
    found = []
    state = api.PyInterpreterState_ThreadHead(ctypes.c_void_p(api.PyInterpreterState_Get()))
    while state:
        found.append(state)
        state = api.PyThreadState_Next(ctypes.c_void_p(state))
    return set(found)

added = 0

@ctypes.PYFUNCTYPE(None)
def forking():
    global added
    before = known()
    libc.usleep(30000)
    added += len(known() - before)

libc.__register_atfork(forking, None, None, None)
native.find({}).watch(lambda late: 1000000, 1000000, None)
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
print(added)
"""


CROWD = """
import threading, time
def work():
    end = time.monotonic() + 2.2
    while time.monotonic() < end or time.thread_time() < 0.1: pass
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def counts_core_waits() -> bool:
    try:
        with open("/proc/thread-self/schedstat") as file:
            return len(file.read().split()) == 3
    except OSError:
        return False


class WatcherTest(unittest.TestCase):
    @unittest.skipUnless(HAS_NATIVE and sys.platform != "win32", "needs the native core's thread")
    @unittest.skipUnless(counts_core_waits(), "nobody counts how long threads wait for a core")
    def test_threads_that_compute_side_by_side_tell_how_long_they_had_no_core(self) -> None:
        main = run(CROWD).main
        told = main.of("CORE_WAIT")
        both = {t["id"] for t in main.definitions["thread"].values() if not t["main"]}
        self.assertLessEqual(both, {r.actor for r in told})
        self.assertTrue(all(r.b >= 20_000 for r in told))
        self.assertEqual(run("import time; time.sleep(1.2)").main.of("CORE_WAIT"), [])

    def test_it_is_no_thread_of_the_program_whatever_it_finds(self) -> None:
        """It tells of tasks whose making went untold: whoever made them, it was not the watcher."""
        for core in ["native", "python"] if HAS_NATIVE else ["python"]:
            with self.subTest(core):
                result = run(
                    "import asyncio\n"
                    "async def sleeper(): await asyncio.sleep(0.4)\n"
                    "async def main(): await asyncio.gather(*(sleeper() for _ in range(3000)))\n"
                    "asyncio.run(main())\n",
                    options=f"core={core}",
                )
                self.assertEqual((result.code, result.stderr), (0, ""))
                threads = result.main.definitions["thread"].values()
                self.assertEqual({one["name"] for one in threads}, {"MainThread"})

    def test_dumps_of_all_threads_show_the_programs_own(self) -> None:
        done = run(LOOKS, options="core=native")
        frames, threads = map(int, done.stdout.split())
        # It may be about to look just then; a thread of the interpreter's would be there each time.
        self.assertGreaterEqual(frames, 15)
        self.assertLessEqual(threads, 25)
        self.assertTrue(done.main.of("SAMPLE"))

    @unittest.skipUnless(HAS_NATIVE and sys.platform != "win32", "needs the native core's walk")
    def test_audit_hooks_hear_nothing_of_walked_threads(self) -> None:
        done = run(AUDITS, options="core=native")
        self.assertEqual((done.code, done.stdout, done.stderr), (0, "[]\n", ""))
        self.assertTrue(done.main.of("SAMPLE"))

    @unittest.skipUnless(HAS_NATIVE and sys.platform != "win32", "needs the native core's walk")
    def test_threads_are_sampled_beside_sub_interpreters(self) -> None:
        source = """
import sys, threading, time
try: import _interpreters as interpreters
except ImportError: import _xxsubinterpreters as interpreters
made = interpreters.create()
def spin():
    end = time.monotonic() + 0.4
    while time.monotonic() < end: pass
thread = threading.Thread(target=spin, name="spin"); thread.start(); thread.join()
interpreters.destroy(made)
"""
        done = run(source, options="core=native", flags=["-W", "ignore"])
        self.assertEqual((done.code, done.stderr), (0, ""))
        spin = done.main.thread("spin")
        self.assertIn(1, {r.aux for r in done.main.of("SAMPLE") if r.actor == spin})

    @unittest.skipUnless(sys.version_info >= (3, 13), "makes them of another shape before")
    def test_interpreters_with_a_gil_of_their_own_come_and_go(self) -> None:
        source = """
import types
import _testinternalcapi as maker
shape = dict(use_main_obmalloc=False, allow_fork=True, allow_exec=True, allow_threads=True,
             allow_daemon_threads=True, check_multi_interp_extensions=True, gil="own")
for _ in range(10):
    assert maker.run_in_subinterp_with_config("pass", types.SimpleNamespace(**shape)) == 0
print("end")
"""
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(source, options=f"core={core}")
                self.assertEqual((done.code, done.stdout), (0, "end\n"), done.stderr)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    @unittest.skipUnless(HAS_NATIVE, "needs the native core's thread")
    def test_both_processes_of_a_fork_are_watched_on(self) -> None:
        done = run(FORKS, options="core=native", flags=["-W", "error"])
        self.assertEqual((done.code, done.stderr), (0, ""))
        (fork,) = done.main.of("PROCESS_FORK")
        self.assertEqual(len(done.streams), 2)
        for stream in done.streams:
            after = [r for r in stream.of("SAMPLE") if r.at > fork.at + 50_000_000]
            self.assertTrue(after, stream.name)

    @unittest.skipUnless(
        HAS_NATIVE and sys.platform == "linux", "needs the native core's thread, and glibc"
    )
    @unittest.skipIf(sys.version_info >= (3, 12), "its children make that lock anew")
    def test_it_makes_itself_known_to_the_interpreter_in_no_moment_of_a_fork(self) -> None:
        # Children of 3.9 and 3.10 would find the list of threads locked, for ever, by a thread they do not have.
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SLOW_FORKS],
            env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(native.__file__))},
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual((done.stdout, done.stderr), ("0\n", ""))

    def test_threads_that_end_while_it_looks_do_no_harm(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(ENDS, options=f"core={core}", timeout=120)
                self.assertEqual((done.code, done.stdout, done.stderr), (0, "end\n", ""))
                told = [line for line in done.main.process["blind"] if "own thread failed" in line]
                self.assertEqual(told, [])

    def test_tracing_memory_may_end_at_any_moment(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(TRACES, options=f"core={core};sample=1", timeout=120)
                self.assertEqual((done.code, done.stdout, done.stderr), (0, "end\n", ""))
                self.assertTrue(done.main.of("SAMPLE"))

    @unittest.skipUnless(HAS_NATIVE and sys.platform != "win32", "needs the native core's thread")
    def test_where_memory_is_traced_the_thread_stays_known_to_the_interpreter(self) -> None:
        # Interpreters crash, once in a long while, when tracing ends while a thread makes itself known.
        done = run(STAYS, options="core=native")
        self.assertEqual((done.code, done.stdout), (0, "20\n"), done.stderr)

    @unittest.skipUnless(hasattr(time, "pthread_getcpuclockid"), "threads have no clocks here")
    def test_nobody_can_end_while_the_clocks_of_threads_are_asked_for(self) -> None:
        # Between two calls made from Python the GIL may be given away; a profiler sees each of those.
        calls = []

        def profile(frame: object, event: str, argument: object) -> None:
            if event == "c_call":
                calls.append(getattr(argument, "__name__", ""))

        over = threading.Event()
        threads = [threading.Thread(target=over.wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        sys.setprofile(profile)
        try:
            clocks = frames.clocks()
        finally:
            sys.setprofile(None)
            over.set()
            for thread in threads:
                thread.join()
        self.assertLessEqual({thread.ident for thread in threads}, set(clocks))
        self.assertNotIn("pthread_getcpuclockid", calls)
        self.assertNotIn("_current_frames", calls)

    def test_what_sub_interpreters_do_is_said_to_be_unseen(self) -> None:
        makers = "concurrent.interpreters", "_interpreters", "_xxsubinterpreters"
        known = [name for name in makers if importlib.util.find_spec(name) is not None][:1]
        for imported in ["concurrent.futures", "asyncio", *known]:
            with self.subTest(imported):
                main = run(f"import {imported}").main
                self.assertEqual(frames.UNSEEN in main.process["blind"], imported in known)

    def test_a_program_may_do_without_sub_interpreters(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(
                    "import sys, threading\n"
                    "sys.modules['_interpreters'] = None\n"
                    "import concurrent.futures\n"
                    "thread = threading.Thread(target=print, args=(1,)); thread.start(); thread.join()",
                    options=f"core={core}",
                )
                self.assertEqual((done.code, done.stdout, done.stderr), (0, "1\n", ""))

    @unittest.skipUnless(HAS_NATIVE and sys.platform != "win32", "needs the native core's thread")
    def test_a_program_that_waits_is_looked_at_less_often(self) -> None:
        waits, works = (
            int(run(WAITS, name, options="core=native").stdout) for name in ("waits", "works")
        )
        self.assertTrue(1 <= waits <= 21, waits)
        self.assertGreater(works, waits)

    @unittest.skipUnless(
        getattr(sys, "_is_gil_enabled", lambda: True)(), "threads collect side by side"
    )
    def test_what_the_collector_finds_dies_in_a_thread_of_the_program(self) -> None:
        for core in ["native", "python"] if HAS_NATIVE else ["python"]:
            with self.subTest(core):
                done = run(FINALIZERS, options=f"core={core}")
                self.assertEqual((done.stdout, done.stderr), ("True 0 True\nFalse\n", ""))

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    @unittest.skipUnless(
        getattr(sys, "_is_gil_enabled", lambda: True)(), "threads collect side by side"
    )
    def test_a_child_forked_in_the_middle_of_a_look_collects(self) -> None:
        for core in ["native", "python"] if HAS_NATIVE else ["python"]:
            with self.subTest(core):
                done = run(FORKS_IN_A_LOOK, options=f"core={core}")
                self.assertEqual(done.stdout, "1\nTrue\n", done.stderr)

    def test_lines_behind_long_calls_are_let_be(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(COLLECTS, options=f"core={core}", timeout=120)
                self.assertEqual(done.code, 0, done.stderr)
                # Looked at once in a while all the same.
                self.assertLessEqual(int(done.stdout), 15)


if __name__ == "__main__":
    unittest.main()
