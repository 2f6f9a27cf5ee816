"""The watcher: one quiet thread that samples stacks, repeats who holds what, estimates the GIL and the probe's own cost.

It is unknown to `threading`, with all signals blocked; with the native core the interpreter itself knows it only while
it looks. It runs no code of the program, keeps frames of other threads only while it holds the GIL and collects no garbage,
so that nothing of the program's dies in this thread.
"""

from __future__ import annotations

import _signal
import _thread
import sys
from _thread import _count as _threads_counted
from _thread import allocate_lock as _allocate
from _thread import get_ident as _own_ident
from _thread import start_new_thread as _start_thread
from time import process_time_ns as _process_time
from time import sleep as _sleep
from types import FrameType

from . import account, actors, costs, edits, frames, garbage, locks, queues, samples, waits
from .clock import monotonic_ns
from .files import exists
from .frames import current as frames_now

try:
    from _thread import get_native_id as _native_id
except ImportError:  # a platform without

    def _native_id() -> int:
        return 0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Set

    from .recorded import Session

# All that is used of `_thread` is taken above, while nobody has put greenlets in the place of threads.
MS = 1_000_000
# Nothing has changed for this long: look less often.
IDLE_AFTER = 300 * MS
IDLE_TICK = 50 * MS
# The native core's thread lets short programs be: most are over before it has anything to say.
FIRST = 20 * MS
# A loop that is blocked is looked at at least so often.
GLANCE = 30 * MS
# Later than that from a sleep comes who had to wait for the GIL, or for a core.
LONG_CALL = MS // 5
# How long those who had the GIL in one long call get to finish their line.
AFTER_LONG_CALL = 1 * MS
MOST_PUT_OFF = 5
SECOND = 1000 * MS
# The watcher's own share of one core is kept below a fiftieth, also where there are ten thousand threads to look at.
SHARE = 50
# An eightieth where the native core sees locks and waits by itself and no loop runs: what is left are samples of stacks.
LESS_SHARE = 80
LONGEST_PAUSE = 2500 * MS
# Pauses that may be taken together; shorter and longer ones than usual have their reasons.
SHORT_PAUSE = 5 * MS
LONG_PAUSE = 40 * MS
MOST_PAUSES = 3

_session: "Optional[Session]" = None
# The thread that watches: what ends it and what says that it has ended; or the native core's thread.
_stop: Any = None
_gone: Any = None
_core: Any = None
_ident = 0
_tid = 0
_busy_at = 0
_second_at = 0
_tenth_at = 0
_begun = False
_spent = 0
# What the last look cost.
_cost = 0
# What is left of a pause that is taken in pieces.
_rest = 0
_put_off = 0
# A process forked by a thread ends when that thread has run, without a word to the interpreter, once no other thread
# is left: ours must not be the one that stays.
_thread_child = False
_stays = False
_counted = False
# Threads, not the main one, that are about to fork.
_forking: Set[int] = set()


def install(session: "Session") -> None:
    """Starts the thread."""
    global _session
    _session = session
    frames.use(session)
    samples.install(session)
    _reset(session)
    session.patches.on_import("_tracemalloc", _stay)
    _start()


def _stay(_: object) -> None:
    """The program may trace its memory: interpreters crash when that ends while a thread makes itself known to them."""
    global _stays
    _stays = True
    if _core is not None:
        stop()
        _start()


def _count() -> int:
    """The program's own threads: ours begins and ends at times that it knows nothing of."""
    return _threads_counted() - (1 if _counted else 0)


def uninstall() -> None:
    """Stops the thread."""
    global _session
    stop()
    _session = None
    samples.uninstall()


def before_fork() -> None:
    """From 3.12 on fork warns of other threads: ours must not be among them."""
    if not _in_main_thread():
        _forking.add(_own_ident())
    if sys.version_info >= (3, 12) and _is_alone():
        stop(True)


def after_fork_parent() -> None:
    """Goes on in the parent: from 3.13 on not at once, as threads are counted after this."""
    _forking.discard(_own_ident())
    session = _session
    if session is None or _runs():
        return
    if sys.version_info < (3, 13) or _can_hide(session):
        _start(sys._getframe(2))
    else:
        waits.on_first = ensure


def after_fork_child(session: "Session") -> None:
    """The child gets its thread; one that can be counted only with the first thing to watch, as many exec or exit."""
    global _session, _stop, _gone, _core, _thread_child, _counted
    _session = session
    _stop = _gone = _core = None
    _counted = False
    garbage.collect_again()
    _thread_child = _thread_child or _own_ident() in _forking
    _forking.clear()
    _reset(session)
    if _can_hide(session):
        _start()
    else:
        waits.on_first = ensure


def _in_main_thread() -> bool:
    main = getattr(sys.modules.get("threading"), "_main_thread", None)
    if main is not None:
        return bool(main.ident == _own_ident())
    info = actors.by_ident.get(_own_ident())
    return info is None or info.main


def _is_alone() -> bool:
    """Whether the program has one thread: with more it is warned of them anyway, and waiting for ours only takes time.

    Time in which the main thread may come to its end, after which 3.12 lets no child start threads.
    """
    threading = sys.modules.get("threading")
    active = getattr(threading, "_active", None)
    return _count() < 1 if active is None else len(active) + len(threading._limbo) < 2  # type: ignore[union-attr]


def _can_hide(session: "Session") -> bool:
    """Whether the native core has a thread that the interpreter knows only while it looks.

    It must not look when no other thread is left: interpreters before 3.13 take a thread that comes then for their first.
    """
    return hasattr(session.native, "watch") and not _thread_child and not _stays


def _runs() -> bool:
    return _stop is not None or _core is not None


def ensure() -> None:
    """Starts the thread if it does not run."""
    waits.on_first = None
    if _session is not None and not _runs() and not _session.closed:
        _start()


def _reset(session: "Session") -> None:
    global _busy_at, _second_at, _tenth_at
    _busy_at = _second_at = _tenth_at = monotonic_ns()
    samples.reset(session)
    account.reset()


def _start(after: "Optional[FrameType]" = None) -> None:
    """Now or, with the native core, when the frame that has called what goes on now runs on."""
    global _begun, _rest, _put_off, _core
    session = _session
    if session is None:
        return
    _rest = 0
    _begun = False
    _put_off = 0
    try:
        if _can_hide(session):
            core: Any = session.native
            core.watch(_step, FIRST, after)
            _core = core
        else:
            _start_python(session)
    except RuntimeError:
        session.say_blind("The probe's own thread could not be started, so nothing is sampled.")


def _start_python(session: "Session") -> None:
    """A raw thread of the interpreter's."""
    global _stop, _gone
    if _thread._count is not _count:
        session.patches.replace(_thread, "_count", _count)
    stop_lock, gone, begun = _allocate(), _allocate(), _allocate()
    for lock in (stop_lock, gone, begun):
        locks.lock_acquire(lock)
    before = None
    if hasattr(_signal, "pthread_sigmask"):
        # A signal must never be delivered to this thread instead of waking the program's.
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        _start_thread(_run, (stop_lock, gone, begun))
        _stop, _gone = stop_lock, gone
        # It is counted from its first moment, and must be taken off from then on.
        locks.lock_acquire(begun, True, 0.05)
    finally:
        if before is not None:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def stop(entirely: bool = False) -> None:
    """Ends the thread; `entirely` waits until the operating system knows it no more."""
    global _stop, _gone, _core
    stop_lock, gone, tid, core = _stop, _gone, _tid, _core
    if not _runs() or _own_ident() == _ident:
        return
    _stop = _gone = _core = None
    if core is not None:
        core.unwatch(0.05)
    if stop_lock is None:
        return
    locks.lock_release(stop_lock)
    ended = locks.lock_acquire(gone, True, 0.05)
    if ended and entirely and tid:
        for _ in range(200):
            if not exists(f"/proc/self/task/{tid}"):
                break
            _sleep(0.00005)


def _run(stop_lock: Any, gone: Any, begun: Any) -> None:
    global _counted
    _counted = True
    _begin()
    locks.lock_release(begun)
    session = _session
    acquire = locks.lock_acquire
    pause = session.sample_ns if session is not None else 0
    try:
        while pause and (_stop is None or _stop is stop_lock):
            # As the native core's thread does it: a program that mostly waits is looked at when it has run for half a pause,
            # or after three, as a look costs much of what it uses.
            used = _process_time()
            for _ in range(MOST_PAUSES if SHORT_PAUSE <= pause < LONG_PAUSE else 1):
                before = monotonic_ns()
                if acquire(stop_lock, True, pause / 1e9):
                    return
                # Without a call of Python code, which may bring the collector.
                loops = getattr(sys.modules.get("interleave_probe.aio_loop"), "running", None)
                if loops or _process_time() - used >= pause // 2:
                    break
            pause = garbage.left_alone(_step, monotonic_ns() - before - pause)
    finally:
        _counted = False
        if actors.watcher == _own_ident():
            actors.watcher = 0  # the next thread may get this number
        locks.lock_release(gone)


def _begin() -> None:
    """First of all, in the thread."""
    global _begun, _ident, _tid, _spent
    _begun = True
    _ident = actors.watcher = _own_ident()
    _tid = _native_id()
    _spent = costs.own_time()
    if _session is not None:
        samples.begin(_session, _ident)


def _step(late: int) -> int:
    """After a pause, so many ns late: looks, when it is time to. Gives the next pause, 0 when there is to be none."""
    session = _session
    if session is None:
        return 0
    try:
        return _look(session, late)
    except Exception as error:
        if edits.DEBUG:
            raise
        session.say_blind(
            f"The probe's own thread failed, so nothing is sampled from then on: {type(error).__name__}: {error}"
        )
        return 0


def _look(session: "Session", late: int) -> int:
    global _spent, _put_off, _cost
    if not _begun:
        _begin()
    if _rest:
        _glance()
        return _pause(_rest)
    if not _put_off:
        account.came_late(late)
    if late > LONG_CALL and _puts_off(late):
        # Somebody held the GIL in one long call, such as a full collection: let them finish their line. Only a
        # blocked loop is looked at now, while it stands right behind that call.
        _put_off += 1
        _glance()
        return AFTER_LONG_CALL
    _put_off = 0
    if _thread_child and len(frames_now()) < 2:
        return 0
    _, counted = costs.begin()
    active = _tick(session, monotonic_ns())
    own = costs.own_time()
    cost, _spent = own - _spent, own
    costs.spent(cost, counted)
    # One look that cost much, such as the first, is no reason to look away for long; two are.
    steady, _cost = min(cost, _cost), cost
    share = SHARE if session.native is None or _loops_run() else LESS_SHARE
    longest = max(min(cost * share, 250 * MS), min(steady * share, LONGEST_PAUSE))
    return _pause(max(session.sample_ns if active else IDLE_TICK, longest))


def _puts_off(late: int) -> bool:
    """Once, whoever was in the way; more often a single thread that makes one long call after the other."""
    slice_end = int(sys.getswitchinterval() * 1.5e9)
    return not _put_off or (_put_off < MOST_PUT_OFF and late > slice_end and samples.alone())


def _glance() -> None:
    """Only at loops that are blocked."""
    glance = getattr(sys.modules.get("interleave_probe.aio_lag"), "glance", None)
    if glance is not None:
        glance(monotonic_ns(), frames_now)


def _pause(pause: int) -> int:
    """A long pause is taken in pieces while loops run, with a glance at them after each."""
    global _rest
    if pause > GLANCE and _loops_run():
        _rest = pause - GLANCE
        return GLANCE
    _rest = 0
    return pause


def _loops_run() -> bool:
    return bool(getattr(sys.modules.get("interleave_probe.aio_loop"), "running", None))


def _tick(session: "Session", now: int) -> bool:
    """One look. True when the program does something."""
    global _busy_at, _tenth_at, _second_at
    if samples.take(session, now, _ident):
        _busy_at = now
        costs.interrupted()
    for watch in list(session.watches):
        watch(now, frames_now)
    if waits.due(now):
        waits.refresh(now, frames_now())
    locks.tend(now)
    session.ring.prepare()
    if now - _tenth_at >= 100 * MS:
        _tenth_at = now
        queues.flush()
        account.count_cost(session)
    if now - _second_at >= SECOND:
        _second_at = now
        locks.flush()
        account.each_second(session)
    return now - _busy_at < IDLE_AFTER


def threads_alive() -> int:
    """Threads of the interpreter besides the calling one and this one."""
    return len([ident for ident in frames_now() if ident not in (_ident, _own_ident())])


def finish() -> None:
    """At the very end."""
    session = _session
    if session is not None:
        account.last_words(session, (_ident, _own_ident()))
