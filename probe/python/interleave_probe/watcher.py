"""The watcher: one quiet thread that samples stacks, repeats who holds what, estimates the GIL and the probe's own cost.

It is a raw thread, unknown to `threading`, with all signals blocked. It runs no code of the program and keeps frames of
other threads only while it holds the GIL, so that nothing of the program's dies in this thread.
"""

from __future__ import annotations

import _signal
import _thread
import os
import sys
import time
from _thread import _count as _threads_counted
from _thread import allocate_lock as _allocate
from _thread import get_ident as _own_ident
from _thread import start_new_thread as _start_thread
from time import monotonic_ns
from time import sleep as _sleep

from . import actors, locks, queues, standing, waits
from .frames import current as frames_now
from .kinds import (
    KIND_DAEMON_KILLED,
    KIND_DROPPED,
    KIND_GIL,
    KIND_OVERHEAD,
    KIND_SAMPLE,
    REASON_DEFINITIONS_FULL,
    REASON_DISK_FULL,
    SAMPLE_BLOCKED,
    SAMPLE_RUNNING,
    SAMPLE_WAITING,
)
from .ring import has_gil

try:
    from _thread import get_native_id as _native_id
except ImportError:  # a platform without

    def _native_id() -> int:
        return 0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple

    from . import Session
    from .sink import Captured

# All that is used of `_thread` is taken above, while nobody has put greenlets in the place of threads.
MS = 1_000_000
# Nothing has changed for this long: look less often.
IDLE_AFTER = 300 * MS
IDLE_TICK = 50 * MS
STANDING = 100 * MS
# A loop that is blocked is looked at at least so often.
GLANCE = 30 * MS
LONG_CALL = 1 * MS
# So much CPU between two looks means running, however little that was of a busy machine's time.
SLICE = 2 * MS
# A thread that has run so short a time ago and waits for nothing known would run on if it could.
HUNGRY = 100 * MS
KEEP_ALIVE = 500 * MS
SECOND = 1000 * MS
# The watcher's own share of one core is kept below a fiftieth.
SHARE = 50
# ns per record and per hooked lock operation, for the estimate of the probe's own cost.
RECORD_COST = 1100
TICK_COST = 350


class Seen:
    """One thread as the watcher last saw it."""

    __slots__ = (
        "clock",
        "cpu",
        "cpu_at",
        "info",
        "period_cpu",
        "ran_at",
        "said_at",
        "stack",
        "state",
        "still",
        "top",
    )

    def __init__(self, info: "actors.ThreadInfo") -> None:
        self.info = info
        self.top: Tuple[int, ...] = ()
        self.stack = self.state = 0
        self.clock: Optional[int] = None
        self.cpu = self.cpu_at = self.said_at = 0
        self.period_cpu = self.ran_at = 0
        # Since when it has stood at the same instruction without using the CPU.
        self.still = monotonic_ns()


_session: "Optional[Session]" = None
_seen: Dict[int, Seen] = {}
_stop: Any = None
_gone: Any = None
_ident = 0
_tid = 0
_busy_at = 0
_second_at = 0
_tenth_at = 0
_late_ns = 0
_late_count = 0
_wanted_ns = 0
_gil_at = 0
_said_lost = (0, 0)
_signals_said = False
_spent = 0
# A process forked by a thread ends when that thread has run, without a word to the interpreter, once no other thread
# is left: ours must not be the one that stays.
_thread_child = False
_counted = False
_forked_in_thread = False
_count_clock = hasattr(time, "pthread_getcpuclockid")


def install(session: "Session") -> None:
    """Starts the thread."""
    global _session
    _session = session
    actors.on_end.append(_last_sample)
    _reset()
    session.patches.replace(_thread, "_count", _count)
    _start()


def _count() -> int:
    """The program's own threads: ours begins and ends at times that it knows nothing of."""
    return _threads_counted() - (1 if _counted else 0)


def uninstall() -> None:
    """Stops the thread."""
    global _session
    stop()
    if _last_sample in actors.on_end:
        actors.on_end.remove(_last_sample)
    _session = None
    _seen.clear()


def before_fork() -> None:
    """From 3.12 on fork warns of other threads: ours must not be among them."""
    global _forked_in_thread
    _forked_in_thread = _forked_in_thread or not _in_main_thread()
    if sys.version_info >= (3, 12) and _is_alone():
        stop(True)


def after_fork_parent() -> None:
    """Goes on in the parent: from 3.13 on only with the next wait or thread, as threads are counted after this."""
    global _forked_in_thread
    _forked_in_thread = _thread_child
    if _session is None or _stop is not None:
        return
    if sys.version_info >= (3, 13):
        waits.on_first = ensure
    else:
        _start()


def after_fork_child(session: "Session") -> None:
    """The child gets its thread with the first thing to watch: many only exec or exit, and may count their threads."""
    global _session, _stop, _gone, _thread_child, _counted
    _session = session
    _stop = _gone = None
    _counted = False
    _thread_child = _forked_in_thread
    _reset()
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


def ensure() -> None:
    """Starts the thread if it does not run."""
    waits.on_first = None
    if _session is not None and _stop is None and not _session.closed:
        _start()


def _reset() -> None:
    global _busy_at, _second_at, _tenth_at, _said_lost, _signals_said, _spent, _late_ns, _late_count
    global _wanted_ns, _gil_at
    _seen.clear()
    _wanted_ns = 0
    _busy_at = _second_at = _tenth_at = _gil_at = monotonic_ns()
    _said_lost = (0, 0)
    _signals_said = False
    _spent = _late_ns = _late_count = 0


def _start() -> None:
    global _stop, _gone
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
    except RuntimeError:
        if _session is not None:
            _session.say_blind(
                "The probe's own thread could not be started, so nothing is sampled."
            )
    finally:
        if before is not None:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def stop(entirely: bool = False) -> None:
    """Ends the thread; `entirely` waits until the operating system knows it no more."""
    global _stop, _gone
    stop_lock, gone, tid = _stop, _gone, _tid
    if stop_lock is None or _own_ident() == _ident:
        return
    _stop = _gone = None
    locks.lock_release(stop_lock)
    ended = locks.lock_acquire(gone, True, 0.05)
    if ended and entirely and tid:
        for _ in range(200):
            if not os.path.exists(f"/proc/self/task/{tid}"):
                break
            _sleep(0.00005)


def _run(stop_lock: Any, gone: Any, begun: Any) -> None:
    global _ident, _tid, _late_ns, _late_count, _spent, _counted
    _ident = _own_ident()
    _tid = _native_id()
    _counted = True
    locks.lock_release(begun)
    session = _session
    sleep = session.sample_ns if session is not None else 10 * MS
    acquire = locks.lock_acquire
    spent = _own_time()
    if session is not None and session.native is None:
        standing.install(session, _ident)
    try:
        while _stop is None or _stop is stop_lock:
            stopped, sleep = _nap(stop_lock, sleep)
            if stopped:
                break
            before = monotonic_ns()
            if acquire(stop_lock, True, sleep / 1e9):
                break
            now = monotonic_ns()
            if now - before - sleep > LONG_CALL:
                # Somebody held the GIL in one long call, such as a full collection: let them finish their line. Only a
                # blocked loop is looked at now, while it stands right behind that call.
                glance = getattr(sys.modules.get("interleave_probe.aio_loop"), "glance", None)
                if glance is not None:
                    glance(now, frames_now)
                if acquire(stop_lock, True, 0.0003):
                    break
                woken, now = now, monotonic_ns()
                before += now - woken
            _late_ns += max(0, now - before - sleep - 80_000)
            _late_count += 1
            session = _session
            if session is None or (_thread_child and len(frames_now()) < 2):
                break
            active = _tick(session, now)
            own = _own_time()
            cost, spent = own - spent, own
            _spent += cost
            sleep = max(session.sample_ns if active else IDLE_TICK, min(cost * SHARE, 250 * MS))
    finally:
        _counted = False
        locks.lock_release(gone)


def _nap(stop_lock: Any, pause: int) -> Tuple[bool, int]:
    """Most of a long pause, in pieces with a glance at the loops after each: (told to stop, what is left)."""
    loops = sys.modules.get("interleave_probe.aio_loop")
    while pause > GLANCE and getattr(loops, "running", None):
        if locks.lock_acquire(stop_lock, True, GLANCE / 1e9):
            return True, 0
        pause -= GLANCE
        loops.glance(monotonic_ns(), frames_now)  # type: ignore[union-attr]
    return False, pause


def _tick(session: "Session", now: int) -> bool:
    """One look. True when the program does something."""
    global _busy_at, _tenth_at, _second_at
    if _sample(session, now):
        _busy_at = now
    for module in list(session.features.values()):
        watch = getattr(module, "watch", None)
        if watch is not None:
            watch(now, frames_now)
    if waits.due(now):
        waits.refresh(now, frames_now())
    locks.tend(now)
    session.ring.prepare()
    if now - _tenth_at >= 100 * MS:
        _tenth_at = now
        queues.flush()
        _account(session)
    if now - _second_at >= SECOND:
        _second_at = now
        locks.flush()
        _each_second(session)
    return now - _busy_at < IDLE_AFTER


def _sample(session: "Session", now: int) -> bool:
    """Takes the stacks of all threads. True when one has moved."""
    sink = session.sink
    taken: List[Tuple[Seen, Optional[Captured]]] = []
    alive: Set[int] = set()
    frames = frames_now()
    frames.pop(_ident, None)
    for ident, frame in frames.items():
        alive.add(ident)
        seen = _seen.get(ident)
        info = actors.by_ident.get(ident)
        if seen is None or seen.info is not info:
            info = info or actors.seen_quietly(ident)
            seen = _seen[ident] = Seen(info)
            if _count_clock:
                # Safe for a thread that holds or awaits the GIL: it is in the interpreter's list, so it is alive.
                seen.clock = time.pthread_getcpuclockid(ident)
        below = frame.f_back
        top = (
            id(frame),
            id(frame.f_code),
            frame.f_lasti,
            below.f_lasti if below is not None else 0,
        )
        if top == seen.top:
            taken.append((seen, None))
        else:
            seen.top = top
            taken.append((seen, sink.capture(frame)))
    frames.clear()
    frame = below = None  # type: ignore[assignment]
    for ident in [ident for ident in _seen if ident not in alive]:
        gone = _seen.pop(ident)
        actors.gone_quietly(gone.info)
    moved = False
    for seen, captured in taken:
        moved |= _say(session, seen, captured, now)
    return moved


def _say(session: "Session", seen: Seen, captured: Optional[Captured], now: int) -> bool:
    global _wanted_ns
    info = seen.info
    if info.ended:  # it has told its last sample itself
        return True
    if not info.id:
        actors.define_seen(info)
    stack = session.sink.captured(captured) if captured is not None else seen.stack
    cpu = seen.cpu
    if seen.clock is not None:
        try:
            cpu = time.clock_gettime_ns(seen.clock)
        except OSError:
            seen.clock = None
    wall = now - (seen.cpu_at or now)
    # A thread met for the first time has begun since the last look; the main one began long before us.
    used = cpu - seen.cpu if seen.cpu_at or not info.main else 0
    if info.id in waits.by_actor:
        state = SAMPLE_WAITING
    elif used * 5 > wall > 0 or used > SLICE or (seen.clock is None and captured is not None):
        state = SAMPLE_RUNNING
    else:
        state = SAMPLE_BLOCKED
    if used > SLICE // 8:
        seen.ran_at = now
    if state != SAMPLE_WAITING and now - seen.ran_at < HUNGRY:
        _wanted_ns += max(0, wall - used)
    moved = state == SAMPLE_RUNNING or stack != seen.stack
    if stack != seen.stack or state != seen.state or now - seen.said_at >= KEEP_ALIVE:
        since = now - (seen.said_at or seen.cpu_at or now)
        session.ring.emit_at(
            KIND_SAMPLE, state, info.id, now, stack, (seen.period_cpu + used) // 1000, since // 1000
        )
        seen.said_at = now
        seen.period_cpu = 0
        seen.stack, seen.state = stack, state
    else:
        seen.period_cpu += used
    seen.cpu, seen.cpu_at = cpu, now
    if captured is not None or state != SAMPLE_BLOCKED:
        seen.still = now
        if session.native is None:
            standing.moved(info.ident, seen.top)
    elif session.native is None and now - seen.still >= STANDING:
        standing.look(info.ident, info.id, seen.top, seen.still, stack)
    return moved


def _last_sample(info: "actors.ThreadInfo") -> None:
    """A thread ends, in that thread: the CPU time that nobody has looked at yet."""
    session = _session
    if session is None or not _count_clock or _own_ident() != info.ident:
        return
    seen = _seen.get(info.ident)
    if seen is not None and seen.info is not info:
        seen = None
    cpu = time.thread_time_ns() - (seen.cpu - seen.period_cpu if seen is not None else 0)
    if cpu < MS:
        return
    now = monotonic_ns()
    stack, since = (seen.stack, now - (seen.said_at or now)) if seen is not None else (0, 0)
    session.ring.emit_at(
        KIND_SAMPLE, SAMPLE_RUNNING, info.id, now, stack, cpu // 1000, since // 1000
    )


def _say_gil(session: "Session") -> None:
    """Coming back late from a sleep means that somebody else had the GIL: those who would have run wanted it then."""
    global _late_ns, _late_count, _wanted_ns, _gil_at
    now = monotonic_ns()
    period = now - _gil_at
    if _late_count and has_gil() and period > MS:
        taken = min(1.0, _late_ns / _late_count / 2e6)
        wanted = int(_wanted_ns * taken)
        session.ring.emit(KIND_GIL, 0, 0, wanted * 1000 // period, period // 1000, wanted // 1000)
    _gil_at = now
    _late_ns = _late_count = _wanted_ns = 0


def _each_second(session: "Session") -> None:
    """The GIL estimate, thread names, signals, losses and the probe's own cost."""
    global _said_lost, _signals_said
    ring = session.ring
    for seen in list(_seen.values()):
        if seen.info.id in actors.by_id:
            actors.refresh(seen.info)
    _say_gil(session)
    lost = (ring.dropped, session.sink.lost)
    if lost != _said_lost:
        for now, before, reason in zip(
            lost, _said_lost, (REASON_DISK_FULL, REASON_DEFINITIONS_FULL)
        ):
            if now > before:
                ring.emit(KIND_DROPPED, 0, 0, now, reason, 0)
        _said_lost = lost
    if not _signals_said and _has_handlers():
        _signals_said = True
        session.sink.process(signals=True)
    ring.emit(KIND_OVERHEAD, 0, 0, session.cost_ns // 1000, ring.head, 0)


def _own_time() -> int:
    """CPU time of the calling thread, ns."""
    return time.thread_time_ns() if hasattr(time, "thread_time_ns") else 0


def _account(session: "Session") -> None:
    """The probe's own CPU time: this thread's, measured, and the hooks', by what one is known to cost."""
    head = session.ring.head
    session.cost_ns = _spent + head * RECORD_COST + locks.operations() * TICK_COST
    session.ring.set_overhead(session.cost_ns)


def _has_handlers() -> bool:
    """True when the program has a handler of its own for a signal that people send."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD"):
        number = getattr(_signal, name, None)
        if number is None:
            continue
        handler = _signal.getsignal(number)
        # asyncio.run() takes SIGINT for itself, only to cancel its main task.
        if getattr(getattr(handler, "func", handler), "__module__", "") == "asyncio.runners":
            continue
        if (
            callable(handler)
            and handler is not _signal.default_int_handler
            and type(handler).__name__ != "Handlers"
        ):
            return True
    return False


def threads_alive() -> int:
    """Threads of the interpreter besides the calling one and this one."""
    return len([ident for ident in frames_now() if ident not in (_ident, _own_ident())])


def finish() -> None:
    """At the very end: the last numbers, and the daemon threads that are about to be cut off."""
    session = _session
    if session is None:
        return
    queues.flush()
    locks.flush()
    _account(session)
    _say_gil(session)
    killed: List[Tuple["actors.ThreadInfo", Captured]] = []
    frames = frames_now()
    for ident, frame in frames.items():
        info = actors.by_ident.get(ident)
        if info is not None and not info.main and ident not in (_ident, _own_ident()):
            killed.append((info, session.sink.capture(frame)))
    frames.clear()
    frame = None  # type: ignore[assignment]
    for info, captured in killed:
        stack = session.sink.captured(captured)
        held = locks.held(info.id)
        left = queues.left_behind(info.id)
        if held:
            session.ring.emit(KIND_DAEMON_KILLED, 0, info.id, held[-1][0], stack, 0)
        for queue, items in left:
            session.ring.emit(KIND_DAEMON_KILLED, 0, info.id, queue, stack, items)
