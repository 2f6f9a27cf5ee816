"""Programs that look closely at Python itself: what is traced, imported, collected, audited or warned of is the same with the probe."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from outcomes import Programs, check_same

PROGRAMS: Programs = {
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


class TransparencyPythonTest(unittest.TestCase):
    maxDiff = None

    def test_programs_are_the_same(self) -> None:
        check_same(self, PROGRAMS)


if __name__ == "__main__":
    unittest.main()
