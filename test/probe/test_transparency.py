"""Programs that look closely at their process, fork in strange places or end in them: the same with and without the probe."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from outcomes import Programs, check_same
from recording import run

PROGRAMS: Programs = {
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
print(lock.acquire(timeout=0.3), bool(seen), set(seen))
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
}


class TransparencyTest(unittest.TestCase):
    maxDiff = None

    def test_programs_are_the_same(self) -> None:
        check_same(self, PROGRAMS)

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
