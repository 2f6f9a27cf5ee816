"""Locks under the native core behave as they do without it: one program tells some sixty behaviours, run bare and recorded."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native
from recording import run

MANNERS = r"""
import _thread, copy, ctypes, inspect, os, pickle, re, signal, sys, threading, time, weakref

def say(name, action):
    try:
        value = action()
    except BaseException as error:
        value = f"{type(error).__name__}: {error}"
    print(name, re.sub(r"0x[0-9a-f]+", "0x", str(value)))

lock, rlock = threading.Lock(), threading.RLock()
for name, one in (("lock", lock), ("rlock", rlock)):
    kind = type(one)
    say(f"{name} type", lambda: (kind, kind.__name__, kind.__module__, kind.__qualname__, kind.__mro__, kind.__doc__))
    say(f"{name} class", lambda: one.__class__ is kind)
    say(f"{name} repr", lambda: repr(one))
    say(f"{name} dir", lambda: dir(one))
    say(f"{name} dict keys", lambda: list(vars(kind)))
    for method in ("acquire", "release", "__enter__", "__exit__", "_at_fork_reinit", "acquire_lock", "release_lock",
                   "_release_save", "_acquire_restore", "locked", "_is_owned"):
        found = getattr(kind, method, None)
        say(f"{name}.{method}", lambda: (found, type(found), found.__name__, found.__qualname__, found.__objclass__))
        say(f"{name}.{method} doc", lambda: (found.__doc__, found.__text_signature__))
        say(f"{name}.{method} signature", lambda: inspect.signature(found))
        say(f"{name}.{method} bound", lambda: (repr(getattr(one, method)), getattr(one, method).__self__ is one))
        say(f"{name}.{method} equal", lambda: getattr(one, method) == getattr(one, method))
        say(f"{name}.{method} foreign", lambda: found(5))
    say(f"{name} hash", lambda: hash(one) == object.__hash__(one))
    say(f"{name} weak", lambda: weakref.ref(one)() is one)
    say(f"{name} pickle", lambda: pickle.dumps(one))
    say(f"{name} copy", lambda: copy.copy(one))
    say(f"{name} deepcopy", lambda: copy.deepcopy(one))
    say(f"{name} attribute", lambda: setattr(one, "x", 1))
    say(f"{name} type attribute", lambda: setattr(kind, "x", 1))
    say(f"{name} enter", lambda: one.__enter__())
    say(f"{name} locked repr", lambda: re.sub(r"owner=\d+", "owner", repr(one)))
    say(f"{name} exit", lambda: one.__exit__(None, None, None))
    say(f"{name} exit free", lambda: one.__exit__(None, None, None))
    say(f"{name} release free", lambda: one.release())
    say(f"{name} release argument", lambda: one.release(1))
    say(f"{name} acquire three", lambda: one.acquire(1, 2, 3))
    say(f"{name} acquire unknown", lambda: one.acquire(wrong=1))
    say(f"{name} acquire text", lambda: one.acquire("yes"))
    say(f"{name} release after", lambda: one.release())
    say(f"{name} acquire nothing", lambda: one.acquire(None))
    say(f"{name} release after nothing", lambda: one.release())
    say(f"{name} timeout text", lambda: one.acquire(True, "1"))
    say(f"{name} timeout with try", lambda: one.acquire(False, 1))
    say(f"{name} timeout negative", lambda: one.acquire(True, -2))
    say(f"{name} timeout huge", lambda: one.acquire(True, 1e300))
    say(f"{name} timeout nan", lambda: one.acquire(True, float("nan")))
    say(f"{name} true", lambda: (one.acquire(), one.release()))
    say(f"{name} names", lambda: (one.acquire(blocking=True, timeout=1), one.release()))
    say(f"{name} try", lambda: (one.acquire(False), one.release()))
    say(f"{name} zero", lambda: (one.acquire(timeout=0), one.release()))
    say(f"{name} subclass", lambda: type("Sub", (kind,), {"extra": 1})().extra)
    say(f"{name} keyword exit", lambda: one.__exit__(a=1))

say("lock is", lambda: (threading.Lock is _thread.allocate_lock, threading.Lock, _thread.allocate_lock, _thread.LockType))
say("make", lambda: (repr(_thread.allocate_lock()), _thread.allocate is _thread.allocate_lock))
say("make argument", lambda: _thread.allocate_lock(1))
say("type call", lambda: _thread.LockType())
say("rlock factory", lambda: (threading.RLock, type(threading.RLock()) is _thread.RLock))
say("isinstance", lambda: (isinstance(lock, _thread.LockType), isinstance(rlock, _thread.RLock), isinstance(rlock, type(lock))))
say("twice try", lambda: (lock.acquire(), lock.acquire(False), lock.acquire(True, 0.01), lock.locked(), lock.release()))
say("reentry", lambda: [rlock.acquire() for _ in range(3)] + [rlock.release() for _ in range(3)])
say("owned", lambda: (rlock._is_owned(), rlock.acquire(), rlock._is_owned(), rlock.release(), rlock._is_owned()))

def save():
    rlock.acquire(); rlock.acquire()
    state = rlock._release_save()
    free = not rlock._is_owned()
    rlock._acquire_restore(state)
    rlock.release(); rlock.release()
    return state[0], free, rlock._is_owned()
say("save restore", save)
say("save free", lambda: rlock._release_save())
say("restore wrong", lambda: rlock._acquire_restore(1))

def by_other(one):
    def call():
        one.acquire()
        caught = []
        def other():
            try:
                one.release()
                caught.append("released")
            except BaseException as error:
                caught.append(f"{type(error).__name__}: {error}")
        thread = threading.Thread(target=other)
        thread.start(); thread.join()
        if one is rlock:
            one.release()
        return caught, "unlocked" in repr(one)
    return call
say("release by another", by_other(lock))
say("rlock release by another", by_other(rlock))

class Index:
    def __index__(self):
        print("index asked")
        return 1
    def __bool__(self):
        print("bool asked")
        return True
    def __float__(self):
        print("float asked")
        return 1.0
say("converted once", lambda: (lock.acquire(Index()), lock.release()))
say("timeout converted once", lambda: (lock.acquire(True, Index()), lock.release()))

class With:
    def __init__(self):
        self.lock = threading.Lock()
    def __enter__(self):
        return self.lock.__enter__()
    def __exit__(self, *args):
        return self.lock.__exit__(*args)
def raising():
    try:
        with With() as got:
            raise ValueError(got)
    except ValueError as error:
        return error.args
say("with", raising)

class Sub(type(rlock)):
    def acquire(self, *args):
        print("sub acquire", args)
        return super().acquire(*args)
sub = Sub()
say("rlock sub", lambda: (sub.acquire(), sub.acquire(False), sub.release(), sub.release(), sub.__enter__(), sub.__exit__()))
reference = weakref.ref(sub)
del sub
say("rlock sub gone", lambda: reference())
say("condition", lambda: threading.Condition(lock).acquire())
lock.release()

if hasattr(signal, "setitimer"):
    def handler(number, frame):
        with rlock:
            order.append("handler")
    order = []
    signal.signal(signal.SIGALRM, handler)
    def reenter():
        with rlock:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            time.sleep(0.1)
            order.append("body")
        return order
    say("reentry from a signal handler", reenter)
    def interrupted():
        lock.acquire()
        def raise_it(number, frame):
            raise InterruptedError("stop")
        signal.signal(signal.SIGALRM, raise_it)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            lock.acquire()
        finally:
            still = lock.locked()
            lock.release()
            print("still locked", still)
    say("interrupted", interrupted)
    def retried():
        lock.acquire()
        calls = []
        signal.signal(signal.SIGALRM, lambda number, frame: calls.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        begun = time.monotonic()
        got = lock.acquire(True, 0.15)
        long = time.monotonic() - begun >= 0.15
        lock.release()
        return got, calls, long
    say("retried after a signal", retried)

if hasattr(os, "fork"):
    lock.acquire()
    child = os.fork()
    if child == 0:
        ok = lock.locked() and not lock.acquire(False)
        lock._at_fork_reinit()
        ok = ok and not lock.locked() and lock.acquire(False)
        os._exit(0 if ok else 1)
    say("fork", lambda: os.waitpid(child, 0)[1])
    lock.release()
say("older than the probe", lambda: threading._active_limbo_lock.acquire() and threading._active_limbo_lock.release())
print("threads", [thread.name for thread in threading.enumerate()])
def die():
    with lock:
        time.sleep(60)
threading.Thread(target=die, daemon=True).start()
"""

GONE = r"""
import asyncio, gc, threading, time, weakref

def dead():
    gc.collect()
    return sum(type(one) is weakref.ref and one() is None for one in gc.get_objects())

def wait_for(event):
    threads = [threading.Thread(target=lambda: event.wait(9)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(event._cond._waiters) < 2:
        pass
    time.sleep(0.01)
    event.set()
    for thread in threads:
        thread.join()

async def take(count):
    # At as many addresses as there are of them.
    locks = [asyncio.Lock() for _ in range(count)]
    for lock in locks:
        async with lock:
            await asyncio.sleep(0)

asyncio.run(take(1))
before = dead()
events = [threading.Event() for _ in range(30)]
for event in events:
    wait_for(event)
del event, events
print("events", dead() - before)
before = dead()
asyncio.run(take(30))
print("locks", dead() - before)
"""


@unittest.skipIf(native.find({}) is None, "there is no native core for this interpreter")
class MannersTest(unittest.TestCase):
    maxDiff = None

    def test_every_behaviour_is_the_same(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.py"
            path.write_text(MANNERS)
            bare = subprocess.run(
                [sys.executable, str(path)], capture_output=True, text=True, timeout=30
            )
        self.assertEqual(bare.returncode, 0, bare.stderr)
        self.assertGreater(len(bare.stdout.splitlines()), 150)
        for detail in ("default", "full"):
            with self.subTest(detail=detail):
                recorded = run(MANNERS, options=f"core=native;detail={detail}")
                self.assertEqual(recorded.main.process["core"], "native")
                self.assertEqual(recorded.stdout.splitlines(), bare.stdout.splitlines())
                self.assertEqual((recorded.code, recorded.stderr), (bare.returncode, bare.stderr))

    def test_nothing_is_left_of_what_has_died(self) -> None:
        for detail in ("default", "full"):
            with self.subTest(detail=detail):
                recorded = run(GONE, options=f"core=native;detail={detail}")
                self.assertEqual(recorded.stdout.split(), ["events", "0", "locks", "0"])


if __name__ == "__main__":
    unittest.main()
