"""Locks, queues and connections of processes: they behave as ever, and both cores tell the same of them."""

import itertools
import subprocess
import unittest
from typing import Any

from recording import Record, Stream, kinds, line_of, pythons, run

HANDED = """
import multiprocessing, sys, time

def work(inbox, outbox):
    outbox.put("here")
    outbox.put(inbox.get())

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    inbox, outbox = context.Queue(), context.SimpleQueue()
    process = context.Process(target=work, args=(inbox, outbox))
    process.start()
    print(outbox.get())
    time.sleep(0.3)
    inbox.put("taken")
    print(outbox.get())
    process.join()
"""

MANNERS = """
import multiprocessing, pickle
from multiprocessing import synchronize

for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"):
    lock = getattr(multiprocessing, name)()
    print(name, lock.acquire(), lock.acquire(False), lock.acquire(block=True, timeout=0.01), lock.release())
    for wrong in ((1, 2, 3), ("a", "b")):
        try:
            print(lock.acquire(*wrong))
        except TypeError as error:
            print("TypeError", error)
    try:
        print([lock.release() for _ in range(4)])
    except (ValueError, AssertionError) as error:
        print(type(error).__name__, error)
    with lock as entered:
        print(entered)
    try:
        pickle.dumps(lock)
    except RuntimeError as error:
        print(error)
"""

# What only the native core keeps: its methods are methods of a built-in type.
METHODS = """
import multiprocessing
from multiprocessing import synchronize

lock = multiprocessing.RLock()
inner = lock._semlock
for name in ("acquire", "release", "__enter__", "__exit__"):
    method = getattr(inner, name)
    print(type(method).__name__, method.__name__, method.__doc__, method.__text_signature__, method.__self__ is inner)
    print(repr(getattr(type(inner), name)), getattr(type(inner), name).__objclass__ is type(inner))
for names in ({"a": 1}, {"block": 1, "c": 2}, {"timeout": "x"}, {"block": "yes"}, {"timeout": -1.0}, {"block": 0}):
    try:
        print(names, lock.acquire(**names), inner._count())
    except TypeError as error:
        print(error)
print(inner.__enter__(), inner.__exit__(None, None, None), inner.__exit__())
for wrong in (lambda: inner.__exit__(a=1), lambda: inner.__enter__(1), lambda: inner.release(1)):
    try:
        print(wrong())
    except TypeError as error:
        print(error)
print(type(inner).__name__, isinstance(inner, synchronize._multiprocessing.SemLock), inner._count())
"""

SAME = """
import multiprocessing, threading, time

lock, rlock = multiprocessing.Lock(), multiprocessing.RLock()
many, bounded = multiprocessing.Semaphore(2), multiprocessing.BoundedSemaphore(1)
with lock:  # plain
    print(lock.acquire(False), lock.acquire(timeout=0.01), lock.acquire(True, 0))
with rlock:
    with rlock:
        pass
many.acquire(); many.acquire(block=True); many.release()
bounded.acquire()
threading.Timer(0.2, bounded.release).start()
bounded.acquire()
condition = multiprocessing.Condition()
with condition:
    condition.wait(0.02)
multiprocessing.Event().wait(0.02)
one, other = multiprocessing.Pipe()
threading.Timer(0.2, other.send, ["x" * 50]).start()
print(one.poll(0), one.poll(0.01), one.recv())
try:
    bounded.release(); bounded.release()
except ValueError as error:
    print(error)
"""

# Waits inside of queues: for room that does not come, for what a child sends late, and in a step of an event loop.
INSIDE = """
import asyncio, multiprocessing, threading, time

full, late = multiprocessing.Queue(1), multiprocessing.SimpleQueue()
full.put(1)
try:
    full.put(2, timeout=0.25)  # no room
except Exception as error:
    print(type(error).__name__)
threading.Timer(0.25, late.put, [3]).start()
other = threading.Thread(target=lambda: print(late.get()))  # other
other.start()
time.sleep(0.05)
threading.Timer(0.35, late.put, [4]).start()
print(late.get())  # for the other's lock, too
other.join()
here, there = multiprocessing.Pipe()
threading.Timer(0.25, there.send, [5]).start()
async def main():
    print(here.recv())  # in a step
asyncio.run(main())
"""

INTERRUPTED = """
import multiprocessing, os, signal, sys, time

def forks(*_):
    pid = os.fork()
    if pid == 0:
        inner, outer = multiprocessing.Pipe()
        outer.send(1)
        os._exit(inner.recv())
    print(os.waitpid(pid, 0)[1] >> 8, flush=True)
    two.send("late")

def lets_go(*_):
    lock.release()

one, two = multiprocessing.Pipe()
signal.signal(signal.SIGALRM, forks)
signal.setitimer(signal.ITIMER_REAL, 0.2)
print(one.recv(), flush=True)
lock = multiprocessing.Lock()
lock.acquire()
signal.signal(signal.SIGALRM, lets_go)
signal.setitimer(signal.ITIMER_REAL, 0.2)
print(lock.acquire())
"""
INTERRUPTED_SAYS = "1\nlate\nTrue\n"

CORES = ("native", "python")


class ProcessLocks(unittest.TestCase):
    def what(self, stream: Stream, record: Record) -> Any:
        """Type of a record's object, the lines it names, and for a message its length."""
        kind = stream.define("object", record.a)["type"] if record.a else ""
        if record.kind == "MESSAGE":
            return kind, record.b
        return kind, tuple(stream.lines(record.b, "program.py"))

    def test_a_queue_that_was_handed_over_is_not_made_where_it_is_unpickled(self) -> None:
        for python in pythons():
            for core, method in itertools.product(CORES, ("spawn", "forkserver")):
                with self.subTest(python=python, core=core, method=method):
                    done = run(HANDED, method, python=python, options=f"core={core}")
                    self.assertEqual(
                        (done.code, done.stdout, done.stderr), (0, "here\ntaken\n", "")
                    )
                    stacks = [
                        queue.get("stack", 0)
                        for stream in done.streams
                        if stream is not done.main
                        for queue in stream.objects("Queue", "multiprocessing").values()
                    ]
                    self.assertEqual(stacks, [0])

    def test_locks_behave_as_without_the_probe(self) -> None:
        for python in pythons():
            for core, source in (
                ("native", MANNERS),
                ("python", MANNERS),
                ("native", METHODS),
            ):
                with self.subTest(python=python, core=core):
                    bare = subprocess.run(
                        [python, "-c", source], capture_output=True, text=True, timeout=30
                    )
                    done = run(source, python=python, options=f"core={core}")
                    self.assertEqual(
                        (done.code, done.stdout), (bare.returncode, bare.stdout), done.stderr
                    )

    def test_both_cores_tell_the_same(self) -> None:
        for python in pythons():
            told = []
            for core in CORES:
                main = run(SAME, python=python, options=f"core={core}").main
                told.append(
                    [
                        (r.kind, r.aux, self.what(main, r), r.c if r.kind == "WAIT_BEGIN" else 0)
                        for r in main.of("ACQUIRE", "RELEASE", "WAIT_BEGIN", "WAIT_END", "MESSAGE")
                        if r.actor == main.thread("MainThread")
                        # a timer may take its time to end after the program
                        and self.what(main, r) != ("", ())
                    ]
                )
            self.assertIn(("RELEASE", 0, ("Semaphore", ()), 0), told[0])
            self.assertEqual(told[0], told[1])

    def test_waits_inside_of_queues(self) -> None:
        for python in pythons():
            for core in CORES:
                with self.subTest(python=python, core=core):
                    done = run(INSIDE, python=python, options=f"core={core}")
                    self.assertEqual((done.code, done.stdout), (0, "Full\n3\n4\n5\n"), done.stderr)
                    main = done.main
                    me = main.thread("MainThread")
                    waits = [r for r in main.of("WAIT_BEGIN", "WAIT_END") if r.a]
                    told = [
                        (begin.aux & 0xFF, end.aux, self.what(main, begin), begin.actor)
                        for begin in waits
                        for end in waits
                        if begin.kind == "WAIT_BEGIN"
                        and (end.kind, end.actor) == ("WAIT_END", begin.actor)
                        and end.at - begin.at > 100_000_000
                        and end
                        is next(r for r in waits if r.actor == end.actor and r.at > begin.at)
                    ]
                    put, get, receive = 6, 5, 11
                    self.assertIn((put, 2, ("Queue", (line_of(INSIDE, "no room"),)), me), told)
                    line = line_of(INSIDE, "for the other's lock, too")
                    self.assertIn((get, 1, ("SimpleQueue", (line,)), me), told)
                    step = next(entry for entry in told if entry[0] == receive)
                    self.assertEqual(step[2][0], "Connection")
                    self.assertIn(line_of(INSIDE, "in a step"), step[2][1])
                    self.assertTrue(step[3] & kinds.TASK_BIT)

    def test_a_fork_in_a_read_and_a_signal_in_a_wait(self) -> None:
        for python in pythons():
            for core in CORES:
                with self.subTest(python=python, core=core):
                    done = run(INTERRUPTED, python=python, options=f"core={core}")
                    self.assertEqual((done.code, done.stdout), (0, INTERRUPTED_SAYS), done.stderr)
                    main = done.main
                    begun = [r.aux & 0xFF for r in main.of("WAIT_BEGIN")]
                    self.assertEqual((begun.count(11), begun.count(1)), (1, 1))
                    self.assertEqual(len(main.of("WAIT_END")), len(begun))


if __name__ == "__main__":
    unittest.main()
