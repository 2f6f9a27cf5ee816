"""Processes under the probe: starts and ends, locks and queues between them under shared names."""

import itertools
import sys
import unittest
from typing import Any, Dict

from recording import Run, line_of, pythons, run

WORK = """
import multiprocessing, sys, time

def work(lock, queue, end):
    with lock:  # locked
        time.sleep(0.15)
    queue.put("done")
    end.send("x" * 100)
    end.close()

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    lock, queue, event = context.Lock(), context.Queue(), context.Event()  # made
    mine, theirs = context.Pipe()
    ps = [context.Process(target=work, args=(lock, queue, theirs)) for _ in range(2)]
    for p in ps:
        p.start()  # started
    print(queue.get(), queue.get(), len(mine.recv()), event.wait(0.1))  # got
    for p in ps:
        p.join()  # joined
    print([p.exitcode for p in ps])
"""

LAST = """
import hashlib, multiprocessing, queue, sys, time

left = queue.Queue()

def work():
    began = time.thread_time()
    hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 400_000)
    for number in range(7):
        left.put(number)
    print(time.thread_time() - began)

if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work)
    process.start()
    process.join()
"""

CHILDREN = """
import os, subprocess, sys, time

def child():
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)
        os._exit(3)
    return pid

print(os.waitpid(child(), 0)[1])  # by pid
child()
print(os.wait()[1])  # any
slow = [sys.executable, "-c", "import time; time.sleep(0.3); print(4)"]
print(subprocess.run(slow, capture_output=True).stdout)  # both
print(subprocess.check_output(slow))  # one
print(os.waitpid.__module__, type(os.waitpid).__name__)
"""

NAMED = """
import multiprocessing, sys

def work():
    pass

if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work, name="the worker")
    process.start()
    process.join()
"""

OTHER = """
import subprocess, sys
done = subprocess.run([sys.executable, "-c", "import time; time.sleep(0.2); raise SystemExit(3)"])  # ran
print(done.returncode)
"""

CORES = ("native", "python")


def main_version(done: Run) -> str:
    return str(done.main.process["version"])


UNREAD = """
import subprocess, sys, threading
child = subprocess.Popen([sys.executable, "-c", "print('x' * 200_000)"], stdout=subprocess.PIPE)
if LATE:
    read = "import sys, time; time.sleep(2.5); sys.stdin.read()"
    subprocess.Popen([sys.executable, "-c", read], stdin=child.stdout)
threading.Timer(2.2, child.kill).start()
child.wait()  # waits
"""


NO_DESCRIPTORS = """
import os, resource, subprocess, sys
fds = sys.modules["interleave_probe.fds"]
print(os.getpid() in fds.family(os.getppid()))
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
print(fds.family(os.getpid()))
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
"""


class Processes(unittest.TestCase):
    def test_starts_joins_and_ends(self) -> None:
        for python in pythons():
            for core, method, how in (
                ("native", "fork", 1),
                ("python", "fork", 1),
                ("native", "spawn", 2),
                ("native", "forkserver", 3),
            ):
                with self.subTest(python=python, core=core, method=method):
                    done = run(WORK, method, python=python, options=f"core={core}")
                    self.assertEqual(
                        (done.code, done.stdout), (0, "done done 100 False\n[0, 0]\n"), done.stderr
                    )
                    main = done.main
                    starts = [
                        r
                        for r in main.of("PROCESS_START")
                        if line_of(WORK, "started") in main.lines(r.b, "program.py")
                    ]
                    self.assertEqual([r.aux for r in starts], [how, how])
                    children = {r.a for r in starts}
                    self.assertLessEqual(
                        children, {stream.process["pid"] for stream in done.streams}
                    )
                    ended = {r.a: r.b for r in main.of("PROCESS_END")}
                    self.assertEqual(
                        {pid: ended.get(pid) for pid in children}, dict.fromkeys(children, 0)
                    )

    def test_children_of_the_fork_server_are_the_programs(self) -> None:
        for python in pythons():
            for core in CORES:
                with self.subTest(python=python, core=core):
                    done = run(WORK, "forkserver", python=python, options=f"core={core}")
                    main = done.main
                    about = {s.process["pid"]: s.process for s in done.streams if s is not main}
                    children = {r.a for r in main.of("PROCESS_START") if r.aux == 3}
                    self.assertEqual(len(children), 2)
                    for pid, one in about.items():
                        self.assertEqual(
                            (one["ppid"], one["parent"], one["how"], one.get("service", False)),
                            (main.process["pid"], main.name)
                            + (("forkserver", False) if pid in children else ("subprocess", True)),
                        )

    def test_locks_and_queues_meet_under_shared_names(self) -> None:
        for python in pythons():
            for core, method in itertools.product(CORES, ("fork", "spawn")):
                with self.subTest(python=python, core=core, method=method):
                    done = run(WORK, method, python=python, options=f"core={core}")
                    names, waits = set(), 0
                    for stream in done.streams:
                        for id, lock in stream.objects("Lock", "multiprocessing").items():
                            taken = [r for r in stream.of("ACQUIRE") if r.a == id]
                            if taken and line_of(WORK, "locked") in stream.lines(
                                taken[0].b, "program.py"
                            ):
                                names.add(lock["shared"])
                                if method == "fork":
                                    made = stream.lines(lock["stack"], "program.py")
                                    self.assertEqual(made, [line_of(WORK, "made")])
                                self.assertEqual(
                                    len([r for r in stream.of("RELEASE") if r.a == id]), len(taken)
                                )
                                waits += len(
                                    [
                                        r
                                        for r in stream.of("WAIT_BEGIN")
                                        if r.a == id and r.aux & 0xFF == 1
                                    ]
                                )
                    self.assertEqual(len(names), 1, "the lock has one name in both processes")
                    self.assertLessEqual(waits, 1)
                    if method == "fork":
                        self.assertEqual(waits, 1, "the second process waited for it")
                    main = done.main
                    got = [
                        r
                        for r in main.of("WAIT_BEGIN")
                        if line_of(WORK, "got") in main.lines(r.b, "program.py")
                    ]
                    kinds = {main.define("object", r.a)["type"] for r in got if r.aux & 0xFF == 5}
                    self.assertEqual(kinds, {"Queue"})
                    self.assertIn(3, {r.aux & 0xFF for r in got}, "an event was waited for")

    def test_a_program_waits_for_another(self) -> None:
        for python in pythons():
            with self.subTest(python=python):
                done = run(OTHER, python=python)
                self.assertEqual((done.code, done.stdout), (0, "3\n"), done.stderr)
                start = done.main.of("PROCESS_START")[0]
                self.assertEqual(start.aux, 4)
                begin = next(r for r in done.main.of("WAIT_BEGIN") if r.aux & 0xFF == 9)
                self.assertIn(line_of(OTHER, "ran"), done.main.lines(begin.b, "program.py"))
                owner = next(r for r in done.main.of("WAIT_OWNER") if r.actor == begin.actor)
                self.assertEqual((owner.aux & 0xFF, owner.c), (5, start.a))
                self.assertEqual([(r.a, r.b) for r in done.main.of("PROCESS_END")], [(start.a, 3)])

    def test_a_child_that_waits_for_its_parent_to_read_is_told_of(self) -> None:
        if sys.platform != "linux":
            self.skipTest("the system does not say where a child stands")
        for late in (False, True):
            with self.subTest(late=late):
                # Nobody reads; or the pipe is another child's, too, which reads late.
                source = UNREAD.replace("LATE", str(late))
                done = run(source)
                self.assertEqual(done.code, 0, done.stderr)
                begin = next(
                    r
                    for r in done.main.of("WAIT_BEGIN")
                    if line_of(source, "waits") in done.main.lines(r.b, "program.py")
                )
                said = {r.a for r in done.main.of("WAIT_OWNER") if r.actor == begin.actor and r.a}
                objects = [done.main.define("object", number) for number in said]
                pipes = {one["name"] for one in objects if one["library"] == "subprocess"}
                child = done.main.of("PROCESS_START")[0].a
                self.assertEqual(pipes, set() if late else {f"stdout of process {child}"})

    def test_who_cannot_look_at_processes_does_not_take_them_for_none(self) -> None:
        if sys.platform != "linux":
            self.skipTest("what the system says of processes is read on Linux alone")
        done = run(NO_DESCRIPTORS)
        self.assertEqual((done.code, done.stdout), (0, "True\nNone\n"), done.stderr)

    def test_children_waited_for_by_hand(self) -> None:
        if sys.platform != "linux":
            self.skipTest("the system does not say what a thread waits for")
        for python in pythons():
            with self.subTest(python=python):
                done = run(CHILDREN, python=python)
                expected = "768\n768\nb'4\\n'\nb'4\\n'\nposix builtin_function_or_method\n"
                self.assertEqual((done.code, done.stdout), (0, expected), done.stderr)
                waits: Dict[Any, Any] = {}
                for wait in done.main.of("WAIT_BEGIN"):
                    for line in done.main.lines(wait.b, "program.py")[:1]:
                        owner = next(
                            r
                            for r in done.main.of("WAIT_OWNER")
                            if r.actor == wait.actor and r.at >= wait.at and r.c
                        )
                        waits.setdefault(line, (wait.aux & 0xFF, owner.aux & 0xFF))
                wanted = {"both": (11, 5), "one": (11, 5)}
                # From 3.13 on the watcher rests after a fork until the next thread or wait: see watcher.py.
                if int(main_version(done).split(".")[1]) < 13:
                    wanted.update({"by pid": (9, 5), "any": (9, 5)})
                self.assertEqual(
                    {mark: waits.get(line_of(CHILDREN, mark)) for mark in wanted}, wanted
                )

    def test_children_that_cannot_be_followed_are_told_of(self) -> None:
        source = """
import os, subprocess, sys
from pathlib import Path
python = sys.executable
for words in (["-I"], ["-sE"], ["-W", "ignore", "-S"], [], ["-u"], ["-X", "I"]):
    subprocess.run([python, *words, "-c", "pass", "-I"], check=True)
subprocess.run([Path(python), "-c", "1"], env={"PATH": os.environ["PATH"], "PYTHONHOME": sys.prefix}, check=True)
subprocess.run(["env", "-i", "true"], check=True, env={})
subprocess.run(["true"], check=True, env={})
"""
        for core in ("native", "python"):
            with self.subTest(core):
                done = run(source, options=f"core={core}")
                self.assertEqual((done.code, done.stderr), (0, ""))
                told = [line for line in done.main.process["blind"] if "not followed" in line]
                self.assertEqual(len(told), 4, told)
                self.assertIn("given an environment without", told[3])
                self.assertTrue(all("-I, -E and -S" in line for line in told[:3]), told)
                # What is told is so: the others are there.
                self.assertEqual(len(done.streams), 1 + 3)

    def test_a_process_has_the_name_the_program_gave_it(self) -> None:
        for python in pythons():
            for method in ("fork", "spawn", "forkserver"):
                with self.subTest(python=python, method=method):
                    done = run(NAMED, method, python=python)
                    self.assertEqual((done.code, done.stderr), (0, ""))
                    self.assertIn(
                        "the worker", [stream.process.get("name") for stream in done.streams]
                    )

    def test_a_child_tells_what_it_has_counted_to_its_last_line(self) -> None:
        for python in pythons():
            for core, way in itertools.product(("native", "python"), ("fork", "spawn")):
                with self.subTest(python, core=core, way=way):
                    result = run(LAST, way, python=python, options=f"core={core}")
                    used = float(result.stdout)
                    child = next(s for s in result.streams if s.process["how"] == way)
                    told = sum(r.b for r in child.of("SAMPLE")) / 1e6
                    self.assertTrue(used <= told + 0.005 and told < used + 0.1, (used, told))
                    self.assertEqual([r.b for r in child.of("QUEUE_DEPTH")][-1:], [7])


if __name__ == "__main__":
    unittest.main()
