"""What a fork costs the child: nothing that grows with what the parent has recorded, or with how many were forked before."""

import unittest

from interleave_probe import native
from recording import line_of, run

# The child looks at the folder of the recording seldom: a thousand children would look at a thousand files each.
LOOKS = """
import os, sys

looks = 0

def hook(event, args):
    global looks
    if event in ("os.listdir", "os.scandir"):
        looks += 1

sys.addaudithook(hook)
theirs_too = 0
mine, theirs = os.pipe()
for _ in range(100):
    before = looks
    pid = os.fork()
    if pid == 0:
        os.write(theirs, b"%9d" % looks)
        os._exit(0)
    os.waitpid(pid, 0)
    theirs_too += int(os.read(mine, 9)) - before
print(looks + theirs_too)
"""

# What a forked child changes of the parent's memory is copied for it, page by page.
COPIES = """
import os, resource, sys, threading

def used(many):
    made = {}
    for number in range(many):
        code = "def make():\\n    lock = threading.Lock()\\n    with lock: pass\\n    return lock"
        exec(compile(code, f"made{number}.py", "exec"), globals(), made)
        kept.append((made["make"], [made["make"]() for _ in range(4)]))

def faults():
    counts = []
    for _ in range(7):
        mine, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(theirs, b"%d" % resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
            os._exit(0)
        os.waitpid(pid, 0)
        counts.append(int(os.read(mine, 100)))
        os.close(mine), os.close(theirs)
    return sorted(counts)[3]

kept = []
used(50)
few = faults()
used(2500)
print(faults() - few)
"""

# Threads that are about to fork and wait for the lock of imports, while another is named and begins.
AT_ONCE = """
import _imp, os, sys, threading, time

coming = []
os.register_at_fork(before=lambda: coming.append(1))

def fork():
    pid = os.fork()
    if pid == 0:
        # A child of a thread, and one whose parent was not the only one about to fork.
        thread = threading.Thread(target=os.write, args=(1, b"child\\n"), name="made by a child")
        thread.start()
        thread.join()
        os._exit(3)
    os.write(1, b"%d\\n" % os.waitpid(pid, 0)[1])

forkers = [threading.Thread(target=fork, name=f"forker {n}") for n in range(3)]
_imp.acquire_lock()
for thread in forkers:
    thread.start()
while len(coming) < 3:
    time.sleep(0.01)
time.sleep(0.2)
named = threading.Thread(target=int, name="made meanwhile")
named.start()
named.join()
_imp.release_lock()
for thread in forkers:
    thread.join()
for n in range(3):
    named = threading.Thread(target=int, name=f"made after {n}")
    named.start()
    named.join()
"""

# From 3.12 on forks warn of other threads, counted when all hooks of the parent have run: the probe's must not be back by then.
ALONE = """
import os

def busy():
    for _ in range(500):
        str(_)

os.register_at_fork(after_in_parent=busy)
for _ in range(70):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
"""

# A worker is forked in the middle of the step that asks for it, and never comes back to that.
IN_A_STEP = """
import asyncio, multiprocessing, time
from concurrent.futures import ProcessPoolExecutor

def work(n):
    time.sleep(0.4)
    return n

async def main():
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        for _ in range(2):
            await asyncio.gather(*(loop.run_in_executor(pool, work, n) for n in range(2)))

asyncio.run(main())
"""

# This child goes on with its parent's loop.
GOES_ON = """
import asyncio, os, time

async def main():
    pid = os.fork()
    if pid == 0:
        for _ in range(5):
            await asyncio.sleep(0)  # timers ask for the running loop, which Python says is the parent's
        time.sleep(0.4)  # block
        await asyncio.sleep(0)
        os._exit(0)
    os.waitpid(pid, 0)

asyncio.run(main())
"""


# Who held it has no thread here, and another has got his number.
LEFT_BEHIND = """
import os, threading, time
lock = threading.{kind}()
def hold():
    with lock:  # took
        time.sleep(0.4)
threading.Thread(target=hold, name="holder").start()
time.sleep(0.1)
pid = os.fork()
if pid == 0:
    threading.Thread(target=time.sleep, args=(9,), name="innocent", daemon=True).start()
    lock.acquire(timeout=1)  # waits
    os._exit(0)
os.waitpid(pid, 0)
"""


class Forks(unittest.TestCase):
    def test_a_worker_that_was_forked_in_a_step_of_a_loop_blocks_no_loop(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                ran = run(IN_A_STEP, options=f"core={core}", flags=["-W", "ignore"])
                self.assertEqual((ran.code, len(ran.streams)), (0, 3))
                for child in ran.streams:
                    if child is not ran.main:
                        told = child.of("LOOP_STACK", "LOOP_LAG", "LOOP_BUSY", "LOOP_IDLE")
                        self.assertEqual(told, [])

    def test_a_child_that_goes_on_with_the_loop_is_told_of(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                ran = run(GOES_ON, options=f"core={core}", flags=["-W", "ignore"])
                (child,) = (stream for stream in ran.streams if stream is not ran.main)
                self.assertTrue(child.of("LOOP_STEP"))
                if core == "python":
                    continue  # its watcher begins with the first wait
                lines = {child.lines(r.b, "program.py")[0] for r in child.of("LOOP_STACK")}
                self.assertIn(line_of(GOES_ON, "block"), lines)
                self.assertTrue(child.of("LOOP_LAG"))

    def test_no_fork_warns_of_the_probes_own_thread(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                ran = run(ALONE, options=f"core={core}", flags=["-W", "always"])
                self.assertEqual((ran.code, ran.stderr, len(ran.streams)), (0, "", 71))

    def test_threads_that_fork_at_once(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                ran = run(AT_ONCE, options=f"core={core}", flags=["-W", "ignore"])
                self.assertEqual(sorted(ran.stdout.split()), ["768"] * 3 + ["child"] * 3)
                self.assertEqual((ran.code, ran.stderr, len(ran.streams)), (0, "", 4))
                main = ran.main
                # What is said after the forks, and what had to be said between.
                begun = {record.actor for record in main.of("THREAD_START")}
                for name in ("made meanwhile", *(f"made after {n}" for n in range(3))):
                    thread = main.thread(name)
                    self.assertIn(thread, begun)
                forks = main.of("PROCESS_FORK")
                self.assertEqual(
                    sorted(record.actor for record in forks),
                    sorted(main.thread(f"forker {n}") for n in range(3)),
                )
                for record in forks:
                    self.assertTrue(main.lines(record.b, "program.py"))
                for child in ran.streams:
                    if child is not main:
                        starts = {record.actor for record in child.of("THREAD_START")}
                        self.assertIn(child.thread("made by a child"), starts)

    def test_a_child_seldom_looks_at_what_others_have_recorded(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                # Of a hundred forks the 8th, 16th, 32nd and 64th.
                self.assertEqual(int(run(LOOKS, options=f"core={core}").stdout), 4)

    def test_a_child_copies_nothing_of_what_the_parent_has_recorded(self) -> None:
        # The Python core keeps no more of a lock that nobody waits for than its id.
        self.assertLess(int(run(COPIES, options="core=native").stdout), 150)

    @unittest.skipIf(native.find({}) is None, "the native core does not run here")
    def test_what_another_thread_held_at_the_fork_is_nobodys_of_the_child(self) -> None:
        for kind in ("Lock", "RLock"):
            with self.subTest(kind):
                source = LEFT_BEHIND.format(kind=kind)
                result = run(source, options="core=native")
                self.assertEqual(result.code, 0)
                child = next(one for one in result.streams if one is not result.main)
                [wait] = child.of("WAIT_BEGIN")
                self.assertEqual(child.lines(wait.b, "program.py"), [line_of(source, "waits")])
                owners = [r for r in child.of("WAIT_OWNER") if r.a == wait.a]
                self.assertGreater(len(owners), 1)
                self.assertEqual({r.c for r in owners}, {0})
                took = {child.lines(r.b, "program.py")[0] for r in owners}
                self.assertEqual(took, {line_of(source, "took")})
                self.assertEqual([r for r in child.of("ACQUIRE") if r.a == wait.a], [])
