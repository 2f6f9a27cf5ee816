"""The program is the same program: output, errors, exit status, types and texts with and without the probe, on every Python."""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Optional, Sequence

sys.path.insert(0, str(Path(__file__).resolve().parent))
from outcomes import Outcome, bare_environment, outcome
from recording import environment, pythons, read

PROGRAMS: Dict[str, str] = {
    "paths and modules": "import sys; print(sys.path, sys.meta_path, sys.argv, sys.flags, __name__)",
    "lock types": """
import _thread, copy, pickle, threading, weakref
for make in (threading.Lock, threading.RLock, threading.Condition, threading.Event):
    lock = make()
    print(type(lock), type(lock).__mro__, callable(make), lock == lock, hash(lock) == hash(lock), weakref.ref(lock)() is lock)
    for work in (copy.copy, copy.deepcopy, pickle.dumps):
        try: print(type(work(lock)))
        except Exception as error: print(type(error), error)
print(isinstance(threading.Lock(), _thread.LockType), repr(threading.Lock), threading.Lock == _thread.allocate_lock)
print(pickle.loads(pickle.dumps(threading.Lock))())
print(sorted(n for n in dir(_thread.LockType)), sorted(n for n in dir(threading) if not n.startswith("_")))
class Box:
    make = threading.Lock
print(type(Box().make()))
""",
    "lock behaviour": """
import threading
lock, again = threading.Lock(), threading.RLock()
print(lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(timeout=0.01), lock.acquire(True, 0.01), lock.release(), lock.locked())
print(again.acquire(), again.acquire(), again.release(), again.release(), again._is_owned())
with lock as got, again as also: print(got, also)
for bad in (lambda: lock.release(), lambda: again.release(), lambda: lock.acquire(1, 2, 3), lambda: lock.acquire(False, 2),
            lambda: lock.acquire(True, -3), lambda: lock.acquire(True, 1e40), lambda: lock.acquire(wrong=1), lambda: lock.acquire("a"),
            lambda: lock.acquire(timeout="b"), lambda: type(lock).acquire(5), lambda: lock.acquire(timeout=float("nan")),
            lambda: again.acquire(False, 2), lambda: lock.__exit__(1), lambda: lock.release(1), lambda: lock.__enter__(1)):
    try: print(bad())
    except Exception as error: print(type(error).__name__)
    while lock.locked(): lock.release()
""",
    "texts of the methods of locks and queues": """
import inspect, queue, threading
for kind in (type(threading.Lock()), type(threading.RLock()), queue.SimpleQueue):
    for name in ("acquire", "release", "__enter__", "__exit__", "get", "put"):
        method = getattr(kind, name, None)
        try: print(kind, name, method.__name__, method.__qualname__, method.__doc__, inspect.signature(method))
        except (AttributeError, ValueError) as error: print(error)
""",
    "a traceback": "import threading\ndef f():\n    with threading.Lock():\n        raise ValueError('x')\nf()",
    "a traceback in a thread": "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()",
    "a queue's exception": "import queue\nqueue.Queue().get(timeout=0.01)",
    "an error in an import": "import threading, json\nfrom queue import nothing_there",
    "exit status": "import sys, threading\nthreading.Thread(target=print, args=(1,)).start()\nsys.exit(7)",
    "the system's exit": "import os\nos._exit(9)",
    "a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "an interrupt while joining": """
import _thread, os, signal, threading, time
t = threading.Thread(target=time.sleep, args=(0.5,)); t.start()
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try: t.join()
except KeyboardInterrupt: print("interrupted")
""",
    "a handler's exception while waiting": """
import signal, threading
class Late(Exception): pass
def handler(*_): raise Late()
signal.signal(signal.SIGALRM, handler)
for wait in (threading.Event().wait, threading.Condition().acquire and threading.Barrier(2).wait):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try: wait()
    except Late as error: print(type(error))
lock = threading.Condition()
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    with lock: lock.wait()
except Late: print("late", lock._is_owned())
""",
    "threads in sight": """
import threading
print(threading.enumerate()[0].name, threading.active_count(), threading.main_thread() is threading.current_thread())
t = threading.Thread(target=print, args=("run",)); print(t.name, t.daemon, t.ident); t.start(); t.join(); print(t.is_alive())
""",
    "a fork": """
import os, warnings
warnings.simplefilter("always")
pid = os.fork()
if not pid: os._exit(5)
print(os.waitpid(pid, 0)[1])
""",
    "a fork with threads": """
import os, threading, time
threading.Thread(target=time.sleep, args=(0.2,)).start()
pid = os.fork()
if not pid:
    print(threading.enumerate()); import sys; sys.stdout.flush(); os._exit(5)
print(os.waitpid(pid, 0)[1])
""",
    "a daemon at exit": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\nprint(1)",
    "exit handlers": "import atexit, threading\natexit.register(print, 'bye')\nthreading.Thread(target=print, args=('t',)).start()",
    "descriptors": "import os\nos.closerange(3, 1024)\nprint(os.open('/dev/null', os.O_RDONLY))\nimport threading\nt = threading.Thread(target=print); t.start(); t.join()",
    "a subprocess": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import threading; print(2)'], capture_output=True))",
    "finalizers": """
import threading, weakref
class Late:
    def __del__(self): print("gone in", threading.current_thread().name)
def f():
    x = Late(); threading.Event().wait(0.2)
t = threading.Thread(target=f, name="own"); t.start(); t.join()
keep = Late(); keep.me = keep
""",
    "a subclass": """
import threading, queue
class Mine(threading.Thread):
    def __init__(self): super().__init__(name="mine"); self.value = 3
    def run(self): self.value = 4
class Jobs(queue.Queue):
    def _put(self, item): super()._put(item * 2)
m = Mine(); m.start(); m.join(); j = Jobs(); j.put(4); print(m.value, j.get(), j.qsize())
""",
}


class MannersTest(unittest.TestCase):
    maxDiff = None

    def outcome(
        self, python: str, source: str, env: Optional[Dict[str, str]], flags: Sequence[str] = ()
    ) -> Outcome:
        """Without addresses and numbers, which differ from run to run."""

        def clean(text: str) -> str:
            text = re.sub(r"0x[0-9a-f]+|started \d+", "N", text)
            return re.sub(r"tid=\d+|pid=\d+|/tmp/\w+", "N", text)

        stdout, stderr, code = outcome(python, source, env, flags)
        return clean(stdout), clean(stderr), code

    def test_every_program_behaves_as_without_the_probe(self) -> None:
        bare = bare_environment()
        for python in pythons():
            for name, source in PROGRAMS.items():
                with self.subTest(name, python=python), tempfile.TemporaryDirectory() as folder:
                    env = environment(folder, "core=python", bare)
                    expected = self.outcome(python, source, bare)
                    self.assertEqual(self.outcome(python, source, env), expected)
                    self.assertTrue(read(folder), "the probe was not there")

    def test_the_users_own_sitecustomize_runs(self) -> None:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as recording:
            Path(folder, "sitecustomize.py").write_text("print('mine')\nraise_late = 1\n")
            for extra in ("", "\n1/0\n"):
                Path(folder, "sitecustomize.py").write_text("print('mine')\n" + extra)
                base = {**os.environ, "PYTHONPATH": folder}
                base.pop("INTERLEAVE_RECORDING", None)
                source = (
                    "import sys, sitecustomize; print(sitecustomize.__file__)"
                    if not extra
                    else "print(1)"
                )
                for python in pythons()[:2]:
                    expected = self.outcome(python, source, base)
                    found = self.outcome(
                        python, source, environment(recording, "core=python", base)
                    )
                    self.assertEqual(found, expected)

    def test_no_sitecustomize_is_found_where_the_user_has_none(self) -> None:
        source = "import sys\ntry: import sitecustomize\nexcept ImportError as error: print(error)"
        for python in pythons()[:2]:
            with self.subTest(python), tempfile.TemporaryDirectory() as recording:
                expected = self.outcome(python, source, dict(os.environ))
                found = self.outcome(python, source, environment(recording, "core=python"))
                self.assertEqual(found, expected)
                self.assertTrue(read(recording), "the probe was not there")

    def test_another_sitecustomize_that_lets_the_probes_run_gets_it(self) -> None:
        other = (
            "import os, sys\n"
            "sys.path.remove(os.path.dirname(__file__))\n"
            "mine = sys.modules.pop('sitecustomize')\n"
            "import sitecustomize as next\n"
            "sys.modules['sitecustomize'] = mine\n"
            "begun = next is not mine\n"
        )
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as recording:
            Path(folder, "sitecustomize.py").write_text(other)
            env = environment(recording, "core=python")
            env["PYTHONPATH"] = folder + os.pathsep + env["PYTHONPATH"]
            for python in pythons()[:2]:
                found = self.outcome(
                    python, "import sitecustomize; print(sitecustomize.begun)", env
                )
                self.assertIn("True", str(found))
            self.assertTrue(read(recording), "the probe was not there")

    def test_isolated_pythons_are_left_alone(self) -> None:
        for flags in (["-I"], ["-E"], ["-S"]):
            with tempfile.TemporaryDirectory() as folder:
                found = self.outcome(
                    sys.executable, "print(1)", environment(folder, "core=python"), flags
                )
                self.assertEqual((found[0], found[2]), ("1\n", 0))
                self.assertEqual(read(folder), [])


if __name__ == "__main__":
    unittest.main()
