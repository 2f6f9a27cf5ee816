"""Threads: who started which where, what they run, who waits for whose end; the same on every Python installed."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from recording import pythons, run

JOINS = """
import threading, time
def work():
    time.sleep(0.15)
class Own(threading.Thread):
    def run(self):
        time.sleep(0.05)
a = threading.Thread(target=work, name="a")
b = Own(name="b", daemon=True)
a.start()
b.start()
a.join(0.01)
a.join()
b.join()
b.join()
"""


class ThreadsTest(unittest.TestCase):
    def test_starts_and_joins(self) -> None:
        for python in pythons():
            with self.subTest(python):
                result = run(JOINS, python=python)
                self.assertEqual((result.code, result.stderr), (0, ""))
                main = result.main
                self.assertFalse([b for b in main.process["blind"] if "could not" in b])
                a, b, me = main.thread("a"), main.thread("b"), main.thread("MainThread")
                define = main.definitions["thread"]
                self.assertEqual((define[a]["target"], define[a]["daemon"]), ("work", False))
                self.assertEqual((define[b]["target"], define[b]["daemon"]), ("Own.run", True))
                self.assertTrue(define[me]["main"])
                starts = {
                    r.actor: (r.a, main.lines(r.b, "program.py")) for r in main.of("THREAD_START")
                }
                self.assertEqual(starts, {a: (me, [10]), b: (me, [11])})
                self.assertEqual({r.actor for r in main.of("THREAD_END")}, {a, b})
                joins = [r for r in main.of("WAIT_BEGIN") if r.aux & 0xFF == 8]
                # Also those that found their thread ended: what it did is over for who joins it.
                lines = [main.lines(r.b, "program.py") for r in joins]
                self.assertEqual(lines, [[12], [13], [14], [15]])
                self.assertEqual([(r.aux, r.c) for r in joins][:2], [(0x108, 10), (8, 0)])
                ends = [r.aux for r in main.of("WAIT_END")]
                self.assertEqual(ends, [2, 1, 1, 1])
                owners = [r for r in main.of("WAIT_OWNER") if not r.aux & 0x8000]
                self.assertEqual([(r.aux, r.c) for r in owners], [(2, a), (2, a), (2, b), (2, b)])

    def test_a_long_join_says_again_and_again_what_the_thread_does(self) -> None:
        main = run(
            """
import threading, time
def work():
    time.sleep(0.6)
threading.Thread(target=work, name="w").start()
"""
        ).main
        w = main.thread("w")
        again = [r for r in main.of("WAIT_OWNER") if r.aux & 0x8000]
        self.assertGreaterEqual(len(again), 3)
        self.assertEqual({r.c for r in again}, {w})
        self.assertEqual(main.lines(main.of("OWNER_NOW")[-1].b, "program.py")[0], 4)

    def test_threads_of_the_lower_module_are_seen_and_their_end_too(self) -> None:
        main = run(
            """
import _thread, time
def work():
    time.sleep(0.2)
_thread.start_new_thread(work, ())
time.sleep(0.4)
"""
        ).main
        raw = [t for t in main.definitions["thread"].values() if not t["main"]]
        self.assertEqual(len(raw), 1)
        self.assertRegex(raw[0]["name"], r"^work \(0x[0-9a-f]+\)$")
        self.assertIn(raw[0]["id"], [r.actor for r in main.of("SAMPLE")])
        self.assertEqual([r.actor for r in main.of("THREAD_END")], [raw[0]["id"]])

    def test_what_nobody_catches_is_told_with_its_line_before_the_end(self) -> None:
        program = """
import sys, threading
threading.excepthook = lambda _: None
sys.excepthook = lambda *_: None
def work():
    raise ValueError("bad job")
def leave():
    sys.exit(3)
threads = [threading.Thread(target=work, name="w"), threading.Thread(target=leave)]
for t in threads: t.start()
for t in threads: t.join()
raise KeyError("no such thing")
"""
        for python in pythons():
            with self.subTest(python):
                main = run(program, python=python).main
                failed = [
                    (r.actor, main.define("string", r.a)["text"], main.lines(r.b, "program.py"))
                    for r in main.of("FAILED")
                ]
                self.assertEqual(
                    failed,
                    [
                        (main.thread("w"), "ValueError: bad job", [6]),
                        (main.thread("MainThread"), "KeyError: 'no such thing'", [12]),
                    ],
                )
                order = [r.kind for r in main.records if r.actor == main.thread("w")]
                self.assertLess(order.index("FAILED"), order.index("THREAD_END"))

    def test_a_process_tells_what_has_ended_its_main_thread(self) -> None:
        program = """
import multiprocessing, sys
def work():
    raise OSError(5, "disk gone")
def raised_here():
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work)
    process.start()
    process.join()
if __name__ == "__main__":
    raised_here()
"""
        for method in ("fork", "spawn"):
            with self.subTest(method):
                result = run(program, method)
                told = [
                    (stream.define("string", r.a)["text"], stream.lines(r.b, "program.py")[0])
                    for stream in result.streams
                    for r in stream.of("FAILED")
                ]
                self.assertEqual(told, [("OSError: [Errno 5] disk gone", 4)])

    def test_samples_tell_running_from_waiting(self) -> None:
        main = run(
            """
import threading, time
stop = False
def spin():
    while not stop:
        sum(range(1000))
def wait():
    event.wait()
event = threading.Event()
threading.Thread(target=spin, name="spin").start()
threading.Thread(target=wait, name="wait").start()
# However little of a busy machine's time that is.
while time.process_time() < 0.5: time.sleep(0.05)
stop = True
event.set()
"""
        ).main
        states = {
            name: {r.aux for r in main.of("SAMPLE") if r.actor == main.thread(name)}
            for name in ("spin", "wait")
        }
        self.assertIn(1, states["spin"])
        # Right before it waits it may be seen, too.
        self.assertLessEqual(states["wait"], {2, 3})
        self.assertIn(3, states["wait"])
        spun = [r for r in main.of("SAMPLE") if r.actor == main.thread("spin")]
        self.assertGreater(sum(r.b for r in spun), 200_000)
        lines = {main.lines(r.a, "program.py")[0] for r in spun if main.lines(r.a, "program.py")}
        self.assertLessEqual(lines, {5, 6})

    @unittest.skipUnless(hasattr(time, "pthread_getcpuclockid"), "threads have no clocks here")
    def test_what_the_main_thread_has_used_is_told_to_its_last_line(self) -> None:
        for python in pythons():
            for core in ("native", "python"):
                with self.subTest(python, core=core):
                    result = run(
                        """
import hashlib, time
from interleave_probe import account, session
began = time.thread_time()
hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 200_000)
# A child of multiprocessing is asked once more than others.
for _ in range(20):
    account.last_numbers(session)
print(time.thread_time() - began)
""",
                        python=python,
                        options=f"core={core}",
                    )
                    main = result.main
                    me = main.thread("MainThread")
                    told = sum(r.b for r in main.of("SAMPLE") if r.actor == me) / 1e6
                    used = float(result.stdout)
                    # What loading hashlib takes comes to it, what the interpreter's start has taken does not.
                    self.assertTrue(used <= told + 0.002 and told < used + 0.1, (used, told))

    def test_a_renamed_thread_is_defined_again(self) -> None:
        main = run(
            """
import threading, time
def work():
    threading.current_thread().name = "second"
    time.sleep(1.5)
threading.Thread(target=work, name="first").start()
"""
        ).main
        self.assertTrue(main.thread("second"))

    def test_own_signal_handlers_are_told(self) -> None:
        source = "import signal, time\n{}\ntime.sleep(1.4)\n"
        plain = run(source.format("")).main
        own = run(source.format("signal.signal(signal.SIGUSR1, lambda *_: None)")).main
        self.assertNotIn("signals", plain.process)
        self.assertTrue(own.process["signals"])

    def test_a_daemon_that_dies_holding_a_lock_or_with_work_left_is_told(self) -> None:
        for python in pythons():
            with self.subTest(python):
                main = run(
                    """
import queue, threading, time
lock = threading.Lock()
jobs = queue.Queue()
def holder():
    with lock:
        time.sleep(9)
def worker():
    while True:
        jobs.get()
        time.sleep(9)
def idle():
    time.sleep(9)
for target in (holder, worker, idle):
    threading.Thread(target=target, name=target.__name__, daemon=True).start()
time.sleep(0.1)
for _ in range(3):
    jobs.put(1)
time.sleep(0.2)
""",
                    python=python,
                ).main
                killed = {r.actor: r for r in main.of("DAEMON_KILLED")}
                self.assertEqual(set(killed), {main.thread("holder"), main.thread("worker")})
                held = killed[main.thread("holder")]
                self.assertEqual(main.define("object", held.a)["type"], "Lock")
                left = killed[main.thread("worker")]
                self.assertEqual((main.define("object", left.a)["type"], left.c), ("Queue", 2))


if __name__ == "__main__":
    unittest.main()
