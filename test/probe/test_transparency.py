"""Programs that look closely at their process, fork in strange places or forbid warnings: the same with and without the probe."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Sequence, Tuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from recording import environment, read, run

CORES = ("native", "python")

# name -> (flags of the interpreter, source); what must be the same is printed.
PROGRAMS: Dict[str, Tuple[Sequence[str], str]] = {
    # A thread of ours must not keep a process alive that ends with its last thread.
    "forked by a thread": (
        ["-W", "ignore"],
        """
import os, threading, time
def worker():
    pid = os.fork()
    if pid:
        print(os.waitpid(pid, 0)[1])
        return
    threading.Event().wait(0.2)
    time.sleep(0.2)
thread = threading.Thread(target=worker)
thread.start()
thread.join()
print(os.waitstatus_to_exitcode(0))
""",
    ),
    # What gevent's monkey.patch_all() does: the probe must have taken what it needs before.
    "greenlets in the place of threads": (
        ["-W", "ignore"],
        """
import _thread, os, threading, time
class Lock:
    def acquire(self, *a): return True
    def release(self): pass
    __enter__ = __exit__ = acquire
def no(*a, **k): raise RuntimeError("patched")
own = _thread.start_new_thread, time.sleep
_thread.allocate_lock = _thread.LockType = _thread.allocate = Lock
_thread.start_new_thread = _thread.start_new = _thread.get_ident = _thread.get_native_id = time.sleep = no
pid = os.fork()
if pid == 0:
    os._exit(3)
print(os.waitpid(pid, 0)[1])
own[1](0.15)
""",
    ),
    "what a program sees of its process": (
        [],
        """
import _ctypes  # the Python core needs it, and that of some builds keeps a descriptor open
import _thread, gc, os, signal, sys, threading, time
print(threading.active_count(), len(threading.enumerate()))
time.sleep(0.1)
print([signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)])
print(gc.get_threshold(), gc.isenabled(), gc.callbacks, sys.getswitchinterval(), sys.getrecursionlimit())
print(sys.path[1:] == [p for p in sys.path[1:] if "interleave" not in p], sys.gettrace(), sys.getprofile())
print(os.open(os.devnull, os.O_RDONLY), os.pipe(), signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(sys.getprofile(), threading._profile_hook, threading._trace_hook, sys.excepthook is sys.__excepthook__)
print(sys.get_coroutine_origin_tracking_depth(), sys.get_asyncgen_hooks(), sys.unraisablehook is sys.__unraisablehook__)
print(threading.stack_size(), os.getcwd() == os.path.realpath("."), _thread._count(), sys.flags, sys.warnoptions)
""",
    ),
    "all warnings are errors": (
        ["-W", "error"],
        """
import asyncio, concurrent.futures, multiprocessing, os, queue, subprocess, sys, threading
def double(n): return n * 2
async def main():
    return await asyncio.gather(*(asyncio.to_thread(double, n) for n in range(5)))
if __name__ == "__main__":
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    print(os.waitpid(pid, 0)[1], asyncio.run(main()))
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(list(pool.map(double, range(5))))
    print(subprocess.run([sys.executable, "-c", "import threading"]).returncode)
""",
    ),
    "development mode": (
        ["-X", "dev"],
        """
import asyncio, queue, threading
async def main():
    lock, box = asyncio.Lock(), asyncio.Queue()
    async with lock:
        await asyncio.gather(box.put(1), box.get())
    await asyncio.get_running_loop().run_in_executor(None, abs, 1)
asyncio.run(main())
open(__file__)
threads = [threading.Thread(target=queue.Queue().put, args=(1,)) for _ in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(threads))
""",
    ),
    # From 3.12 on the probe's thread stops for a fork and starts again later.
    "threads are counted, also after forks": (
        ["-W", "error"],
        """
import _thread, os
counts = {_thread._count()}
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    counts.add(_thread._count())
    lock = _thread.allocate_lock()
    lock.acquire()
    lock.acquire(timeout=0.002)
    counts.add(_thread._count())
print(counts)
""",
    ),
    "every descriptor is closed": (
        [],
        """
import os, threading, time
os.closerange(3, 1000)
fds = [os.open(__file__, os.O_RDONLY) for _ in range(20)]
def work():
    with lock: time.sleep(0.01)
lock = threading.Lock()
threads = [threading.Thread(target=work) for _ in range(30)]
[t.start() for t in threads]; [t.join() for t in threads]
os.closerange(3, 1000)
print(fds, open(__file__).fileno())
# The last joined thread is still on its way out: from 3.12 on a fork beside it warns, with and without the probe.
time.sleep(0.2)
pid = os.fork()
if pid == 0:
    os.closerange(3, 1000)
    with lock: print("child", open(__file__).fileno(), flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1])
""",
    ),
    "a daemon by two forks": (
        [],
        """
import os, threading, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        for n in range(3): os.open(os.devnull, os.O_RDWR)
        done = threading.Event()
        threading.Thread(target=lambda: (time.sleep(0.05), done.set())).start()
        os.write(write, b"%d %d" % (done.wait(20), threading.active_count() in (1, 2)))
        os._exit(0)
    os._exit(0)
os.close(write)
os.wait()
print(os.read(read, 100), os.read(read, 100))
""",
    ),
    "signals are waited for": (
        [],
        """
import os, signal, threading, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
print(signal.sigwait([signal.SIGUSR1]))
print(signal.sigtimedwait([signal.SIGUSR1], 0.05))
seen = []
signal.signal(signal.SIGALRM, lambda *a: seen.append(threading.current_thread().name))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
lock = threading.Lock(); lock.acquire()
print(lock.acquire(timeout=0.3), len(seen) > 3, set(seen))
signal.setitimer(signal.ITIMER_REAL, 0)
read, write = os.pipe(); os.set_blocking(write, False)
signal.set_wakeup_fd(write); signal.raise_signal(signal.SIGALRM)
print(os.read(read, 10))
class Stop(Exception): pass
def stop(*a): raise Stop
signal.signal(signal.SIGALRM, stop)
for wait in (lock.acquire, threading.Event().wait, threading.Condition().acquire and __import__("queue").Queue().get):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try: wait()
    except Stop: print("stopped")
""",
    ),
    "lives of ten thousand threads": (
        [],
        """
import _thread, threading
done = threading.Semaphore(0)
for _ in range(40):
    threads = [threading.Thread(target=int) for _ in range(50)]
    [t.start() for t in threads]; [t.join() for t in threads]
for _ in range(80):
    for _ in range(100): _thread.start_new_thread(done.release, ())
    for _ in range(100): done.acquire()
print(threading.active_count())
""",
    ),
    "traced lines": (
        [],
        """
import queue, sys, threading
lines = []
def trace(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        lines.append((event, frame.f_lineno))
        return trace
threading.settrace(trace)
lock, box = threading.Lock(), queue.Queue()
def work():
    with lock:
        box.put(1)
    box.get()
thread = threading.Thread(target=work); thread.start(); thread.join()
sys.settrace(trace)
work()
sys.settrace(None)
print(lines)
""",
    ),
    # From 3.12 on no thread can be started any more when the main one has come to its end: a hook in the other must not
    # let it run.
    "a thread that forks at the end of the main one": (
        ["-W", "ignore"],
        """
import os, sys, threading
sys.setswitchinterval(10)
def last(): print("started", flush=True)
def work():
    pid = os.fork()
    if pid:
        print(os.waitpid(pid, 0)[1], flush=True)
        return
    thread = threading.Thread(target=last)
    thread.start()
    thread.join()
for _ in range(10):
    if os.fork() == 0:
        break
    os.wait()
else:
    os._exit(0)
threading.Thread(target=work).start()
""",
    ),
    # Tests put functions of their own into `os`.
    "system calls that fail on purpose": (
        [],
        """
import os, queue, threading, time
calls = []
def broken(*args, **kwargs):
    calls.append(args)
    raise OSError("on purpose")
names = ("open", "write", "close", "fstat", "getpid", "pwrite", "ftruncate", "stat", "scandir", "listdir")
own = {name: getattr(os, name) for name in names}
for name in names: setattr(os, name, broken)
try:
    for number in range(20):
        box, lock = queue.Queue(), threading.Lock()
        def first(): box.put(1)
        def second():
            with lock: threading.Timer(0.005, first).start(); box.get(timeout=20)
        thread = threading.Thread(target=second); thread.start(); thread.join()
        with lock: time.sleep(0.002)
finally:
    for name in names: setattr(os, name, own[name])
print(calls)
""",
    ),
    # What tests of event loops forbid while the loop runs.
    "files that are read": (
        ["-W", "ignore"],
        """
import asyncio, os, subprocess, sys, threading, time
seen = set()
def hook(event, args):
    # Of a file object: `os.open` has no mode.
    if event == "open" and args[1] is not None:
        seen.add(str(args[0]))
sys.addaudithook(hook)
async def main():
    pid = os.fork()
    if pid == 0:
        os._exit(3)
    await asyncio.sleep(0.05)
    print(os.waitpid(pid, 0)[1])
    command = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(0.4)"]
    threads = [threading.Thread(target=lambda: subprocess.Popen(command).wait()) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    lock = threading.Lock()
    with lock:
        thread = threading.Thread(target=lock.acquire)
        thread.start()
        time.sleep(0.2)
    thread.join()
asyncio.run(main())
print(sorted(file for file in seen if "proc" in file or "program" in file))
""",
    ),
    # Debuggers pass over what the import system does by the name in its frames' globals.
    "traced imports": (
        [],
        """
import sys
seen = set()
def trace(frame, event, argument):
    name = frame.f_globals.get("__name__")
    seen.add("importlib" if name.startswith("importlib") else name)
sys.settrace(trace)
import colorsys
sys.settrace(None)
# Lock hooks in Python are code that is traced, too.
print(sorted(seen - {"interleave_probe.lock_hooks", "interleave_probe.lock_facts", "interleave_probe.internals"}))
""",
    ),
    # What coverage.py and debuggers go by: code that says it is frozen is none of the program's.
    "files that coverage is measured of": (
        [],
        """
import os, sys, threading
library, seen = os.path.dirname(os.__file__), set()
def trace(frame, event, argument):
    name = frame.f_globals.get("__file__") or frame.f_code.co_filename
    seen.add(name)
sys.settrace(trace)
threading.settrace(trace)
import asyncio, concurrent.futures, queue
lock, box = threading.Lock(), queue.Queue()
def work(number):
    with lock: box.put(number)
    return box.get()
async def main():
    async with asyncio.Lock(): await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(3)))
with concurrent.futures.ThreadPoolExecutor(2) as pool: list(pool.map(work, range(3)))
asyncio.run(main())
sys.settrace(None)
threading.settrace(None)
print(sorted(name for name in seen if not name.startswith(library) and "frozen" not in name))
""",
    ),
    # What greenlets put in the place of queues that are the interpreter's own.
    "another SimpleQueue": (
        [],
        """
import concurrent.futures, queue
queue.SimpleQueue = queue._PySimpleQueue
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    print(list(pool.map(abs, range(-3, 0))))
""",
    ),
    "sub-interpreters": (
        [],
        """
import sys
try: import _interpreters as interpreters
except ImportError: import _xxsubinterpreters as interpreters
for _ in range(5):
    made = interpreters.create()
    interpreters.run_string(made, "import threading, queue; q = queue.Queue(); q.put(1); print(q.get(), len(threading.enumerate()), flush=True)")
    interpreters.destroy(made)
for _ in range(60):
    made = interpreters.create()
    interpreters.run_string(made, "numbers = [number for number in range(1000)]")
    if type(made) is int: interpreters.destroy(made)
    del made  # goes by itself before 3.13
import threading
def work():
    made = interpreters.create()
    interpreters.run_string(made, "import threading\\nwith threading.Lock(): print('in a thread', flush=True)")
    interpreters.destroy(made)
thread = threading.Thread(target=work); thread.start(); thread.join()
print(len(interpreters.list_all()))
""",
    ),
    "processes started by a named executable": (
        [],
        """
import multiprocessing, os, sys
def work(box): box.put((os.path.basename(sys.executable), sys.argv[0] == __file__))
if __name__ == "__main__":
    multiprocessing.set_executable(sys.executable)
    for method in ("spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        box = context.Queue()
        process = context.Process(target=work, args=(box,)); process.start()
        print(box.get(timeout=50)[1], process.join(), process.exitcode)
""",
    ),
    "ends": (
        [],
        """
import atexit, subprocess, sys
for end in ("sys.exit(7)", "raise SystemExit('words')", "os._exit(9)", "os.abort()", "1/0", "raise KeyboardInterrupt",
            "os.kill(os.getpid(), 15)", "threading.Thread(target=sys.exit, args=(3,)).start()", "import atexit; atexit.register(lambda: os._exit(5))",
            "import atexit; atexit.register(lambda: print('late', threading.active_count(), flush=True)); atexit._run_exitfuncs()",
            "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()", "threading.excepthook = print; threading.Thread(target=lambda: 1/0).start() if 0 else None",
            "sys.stdout.close()", "os.close(1); os.close(2)", "t = threading.Timer(.05, print, ('timer',)); t.start()", "import faulthandler; faulthandler.enable(); faulthandler._sigsegv()" if 0 else "pass"):
    done = subprocess.run([sys.executable, "-c", "import os, sys, threading, time\\n" + end], capture_output=True, text=True)
    print(end, done.returncode, done.stdout, done.stderr)
""",
    ),
    # Some warnings, and modules that look for who imports them, count frames.
    "how deep an import stands": (
        [],
        """
import os, sys
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "counting.py"), "w") as file:
    file.write("import sys\\nframe, stack = sys._getframe(), []\\nwhile frame:\\n"
               "    stack.append((frame.f_code.co_name, frame.f_lineno))\\n    frame = frame.f_back\\nprint(stack)\\n")
import counting
import asyncio, queue
print(queue.Queue().qsize())
""",
    ),
    "what is garbage": (
        [],
        """
import gc
gc.set_debug(gc.DEBUG_SAVEALL)
import asyncio, concurrent.futures, multiprocessing, queue, threading, time
gc.collect()
async def main():
    lock, box = asyncio.Lock(), asyncio.Queue()
    async with lock: await asyncio.gather(box.put(1), box.get(), asyncio.to_thread(abs, -1))
def work():
    threads = [threading.Thread(target=box.put, args=(1,)) for _ in range(5)]
    [t.start() for t in threads]; [t.join() for t in threads]
    with lock, again, condition: condition.wait(0.03)
    with concurrent.futures.ThreadPoolExecutor(2) as pool: list(pool.map(abs, range(5)))
    forks = multiprocessing.get_context('fork')
    with concurrent.futures.ProcessPoolExecutor(1, forks) as pool: list(pool.map(abs, range(5)))
    pipe = multiprocessing.Pipe(); pipe[0].send(1); pipe[1].recv()
    asyncio.run(main())
async def beside_a_thread():
    thread = threading.Thread(target=time.sleep, args=(0.15,)); thread.start()
    await asyncio.sleep(0.3)
    thread.join()
    await asyncio.sleep(0.1)
box, lock, again, condition = queue.Queue(), threading.Lock(), threading.RLock(), threading.Condition()
for _ in range(2): work()
asyncio.run(beside_a_thread())
gc.collect()
print([each for each in gc.garbage if "interleave" in repr(each) + str(getattr(each, "__module__", ""))])
""",
    ),
    # What can be entered at the end of the stack can be left there, and says so by no other error.
    "at the end of the stack": (
        [],
        """
import concurrent.futures, queue, sys, threading
def at(depth, action):
    return action() if depth == 0 else at(depth - 1, action)
box, event, lock, again, own = queue.Queue(), threading.Event(), threading.Lock(), threading.RLock(), threading.Condition(threading.Lock())
count, condition, pool = threading.Semaphore(10 ** 6), threading.Condition(), concurrent.futures.ThreadPoolExecutor(1)
event.set()
pool.submit(int).result()
def with_lock():
    with lock: pass
def with_again():
    with again: pass
def with_condition():
    with condition: condition.notify()
def with_own():
    with own: own.notify()
def submitted(): pool.submit(int).result()
plain = {"mutex": box.mutex, "event": event._cond._lock, "lock": lock, "own": own._lock, "count": count._cond._lock}
for action in (lambda: box.put(1), box.qsize, event.wait, count.acquire, with_condition, with_own, with_lock, with_again, submitted):
    for depth in range(sys.getrecursionlimit() - 40, sys.getrecursionlimit() + 2):
        try: at(depth, action)
        except RecursionError: pass
        held = [name for name, one in plain.items() if one.locked()]
        held += [one for one in (again, condition._lock) if one._is_owned()]
        if held: sys.exit(f"{action} at {depth}: {held}")
print("left")
""",
    ),
    "a sub-interpreter with memory and a lock of its own": (
        [],
        """
import sys
try:
    import _testcapi
    make = _testcapi.run_in_subinterp_with_config
    config = dict(use_main_obmalloc=False, allow_fork=True, allow_exec=True, allow_threads=True, allow_daemon_threads=True,
                  check_multi_interp_extensions=True, gil=2)
    if sys.version_info[:2] != (3, 12): raise AttributeError
except (ImportError, AttributeError):
    print("only 3.12")
else:
    for _ in range(3): print(make("import threading, queue, enum; print('inside', flush=True)", **config), flush=True)
""",
    ),
    "audited ends": (
        [],
        """
import sys, threading
threading.Lock()
sys.addaudithook(lambda name, _: print(name, flush=True) if name.startswith("gc.") else None)
""",
    ),
    # `trace` names a function's class by the only dictionary that refers to the only function that has its code.
    "who refers to functions": (
        [],
        """
import asyncio, concurrent.futures.process, gc, inspect, multiprocessing.queues, queue, threading
for function in (queue.Queue.__init__, queue.Queue.get, threading.Thread.start, threading.Thread.join, threading.Condition.wait,
                 concurrent.futures.ThreadPoolExecutor.submit, concurrent.futures.ProcessPoolExecutor.submit, asyncio.Lock.acquire,
                 asyncio.Queue.get, asyncio.BaseEventLoop.run_forever, multiprocessing.queues.Queue.put):
    print(function.__qualname__, sum(map(inspect.isfunction, gc.get_referrers(function.__code__))),
          sum(type(each) is dict for each in gc.get_referrers(function)))
""",
    ),
    "sources and signatures": (
        [],
        """
import inspect, pickle, queue, threading, asyncio, concurrent.futures
for each in (threading.Thread.start, threading.Thread.join, threading.Condition.wait, queue.Queue.get, queue.Queue.put,
             concurrent.futures.ThreadPoolExecutor.submit, asyncio.Queue.get, asyncio.Lock.acquire, asyncio.BaseEventLoop.run_forever,
             concurrent.futures.Future.result, threading.Event.wait, threading.Semaphore.acquire, asyncio.gather, asyncio.create_task):
    code = each.__code__
    print(each.__qualname__, each.__module__, inspect.signature(each), len(inspect.getsource(each)), code.co_firstlineno,
          code.co_filename == inspect.getsourcefile(each), pickle.loads(pickle.dumps(each)) is each, each.__defaults__, code.co_argcount, code.co_freevars)
print(inspect.signature(asyncio.Task.__init__) if 0 else asyncio.Task, asyncio.Future, type(threading.RLock()))
""",
    ),
}


class TransparencyTest(unittest.TestCase):
    maxDiff = None

    def outcome(
        self, python: str, flags: Sequence[str], source: str, env: Dict[str, str]
    ) -> Tuple[str, str, int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.py"
            path.write_text(source)
            done = subprocess.run(
                [python, *flags, str(path)],
                capture_output=True,
                text=True,
                env=env,
                cwd=folder,
                timeout=120,
            )
            return (
                done.stdout.replace(folder, "FOLDER"),
                done.stderr.replace(folder, "FOLDER"),
                done.returncode,
            )

    def test_programs_are_the_same(self) -> None:
        bare = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("INTERLEAVE", "PYTHON"))
        }
        for name, (flags, source) in PROGRAMS.items():
            expected = self.outcome(sys.executable, flags, source, bare)
            for core in CORES:
                with self.subTest(name, core=core), tempfile.TemporaryDirectory() as folder:
                    found = self.outcome(
                        sys.executable, flags, source, environment(folder, f"core={core}", bare)
                    )
                    self.assertEqual(found, expected)
                    self.assertTrue(read(folder), "the probe was not there")

    def test_what_a_handler_raises_at_the_end_is_not_said_to_be_the_probes(self) -> None:
        recorded = run(
            """
import os, signal, sys, threading
def handler(*_): raise KeyError("mine")
signal.signal(signal.SIGUSR1, handler)
watcher = sys.modules["interleave_probe.watcher"]
own = watcher.stop
def stop(*_):
    os.kill(os.getpid(), signal.SIGUSR1)
    own()
watcher.stop = stop
"""
        )
        self.assertIn("KeyError: 'mine'", recorded.stderr)
        self.assertNotIn("interleave_probe", recorded.stderr)
        self.assertEqual(recorded.code, 0)
        self.assertGreater(recorded.main.header["closed"], 0)


if __name__ == "__main__":
    unittest.main()
