"""What the program's threads do: their stacks, states and CPU time, as the watcher sees them."""

from __future__ import annotations

import time
from _thread import get_ident as _own_ident

from . import actors, core_waits, waits
from .clock import monotonic_ns
from .frames import clocks as clocks_now
from .frames import current as frames_now
from .frames import safe
from .kinds import KIND_SAMPLE, SAMPLE_BLOCKED, SAMPLE_RUNNING, SAMPLE_WAITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple, Union

    from .recorded import Session
    from .sink import Captured

MS = 1_000_000
STANDING = 100 * MS
# So much CPU between two looks means running, however little that was of a busy machine's time.
SLICE = 2 * MS
# A thread that has run so short a time ago and waits for nothing known would run on if it could.
HUNGRY = 100 * MS
KEEP_ALIVE = 500 * MS
# What a thread has computed is told that often, too: who ends without a word loses no more.
TELL_CPU = 100 * MS


class Seen:
    """One thread as the watcher last saw it."""

    __slots__ = (
        "asked",
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
        # By its frames, or its context of the native core.
        self.top: Any = ()
        self.stack = self.state = 0
        self.clock: Optional[int] = None
        self.cpu = self.cpu_at = self.said_at = 0
        # Its CPU time when it was asked last how long it had no core.
        self.asked = 0
        self.period_cpu = self.ran_at = 0
        # Since when it has stood at the same instruction without using the CPU.
        self.still = monotonic_ns()


_session: "Optional[Session]" = None
# Who finds locks that threads stand at, where the core is Python.
_standing: Any = None
_seen: Dict[int, Seen] = {}
_wanted_ns = 0
# Of all threads, asked for once in a look that meets new ones.
_clocks: Optional[Dict[int, int]] = None
_count_clock = hasattr(time, "pthread_getcpuclockid")
# CPU time of the main thread, ns, when the probe was there: what it has used before is the interpreter's start.
_began = 0


def install(session: "Session") -> None:
    """Ends of threads are told with the CPU time that nobody has looked at yet."""
    global _session, _standing
    _session = session
    if session.lock_core is None:
        from . import standing

        _standing = standing
    actors.on_end.append(_last_sample)


def begin(session: "Session", watcher: int) -> None:
    """In the watcher's thread, first of all."""
    if _standing is not None:
        _standing.install(session, watcher)


def uninstall() -> None:
    """Forgets the threads."""
    global _session, _standing
    _standing = None
    if _last_sample in actors.on_end:
        actors.on_end.remove(_last_sample)
    _session = None
    _seen.clear()


def reset(session: "Session") -> None:
    """At the start, and in a forked child: there is nobody that anything is known of."""
    global _session, _wanted_ns, _began
    _session = session
    _seen.clear()
    _wanted_ns = 0
    _began = time.thread_time_ns() if _count_clock else 0


def alone() -> bool:
    """Whether there was only one thread at the last look."""
    return len(_seen) < 2


def refresh_names() -> None:
    """Looks the threads' names up again."""
    for seen in list(_seen.values()):
        if seen.info.id in actors.by_id:
            actors.refresh(seen.info)


def take_wanted() -> int:
    """How long threads that wait for nothing known did not run since this was asked last, ns."""
    global _wanted_ns
    wanted, _wanted_ns = _wanted_ns, 0
    return wanted


def _meet(ident: int) -> Seen:
    """What is known of a thread that lives."""
    global _clocks
    seen = _seen.get(ident)
    info = actors.by_ident.get(ident)
    if seen is None or seen.info is not info:
        info = info or actors.seen_quietly(ident)
        seen = _seen[ident] = Seen(info)
        if _clocks is None:
            _clocks = clocks_now()
        seen.clock = _clocks.get(ident)
    return seen


def say_core_waits(session: "Session") -> None:
    """Once a second, of those who have computed since."""
    computing = []
    for seen in list(_seen.values()):
        computing.append((seen.info, seen.cpu - seen.asked))
        seen.asked = seen.cpu
    core_waits.say(session.ring, computing)


def _walk(
    session: "Session",
    without: int,
    alive: Set[int],
    taken: List[Tuple[Seen, Union[Captured, int, None]]],
) -> None:
    """The stacks by their frames, which are let go before anything else happens."""
    frames = frames_now()
    frames.pop(without, None)
    for ident, frame in frames.items():
        alive.add(ident)
        seen = _meet(ident)
        below = frame.f_back
        top = (
            id(frame),
            id(frame.f_code),
            frame.f_lasti,
            below.f_lasti if below is not None else 0,
        )
        taken.append((seen, session.sink.capture(frame) if top != seen.top else None))
        seen.top = top
    frames.clear()


def take(session: "Session", now: int, without: int) -> bool:
    """Takes the stacks of all threads but one. True when one has moved."""
    global _clocks
    taken: List[Tuple[Seen, Union[Captured, int, None]]] = []
    alive: Set[int] = set()
    _clocks = None
    if not safe():
        session.say_blind(
            "What threads do is not sampled once a program has loaded what makes sub-interpreters."
        )
    core: Any = session.native
    places = core.places() if hasattr(core, "places") else None
    if places is not None:
        for ident, context in places:
            if ident != without:
                alive.add(ident)
                seen = _meet(ident)
                taken.append((seen, context if context != seen.top else None))
                seen.top = context
    else:
        _walk(session, without, alive, taken)
    for ident in [ident for ident in _seen if ident not in alive]:
        gone = _seen.pop(ident)
        actors.gone_quietly(gone.info)
    moved = False
    for seen, captured in taken:
        moved |= _say(session, seen, captured, now)
    return moved


def _say(session: "Session", seen: Seen, captured: Union[Captured, int, None], now: int) -> bool:
    global _wanted_ns
    info = seen.info
    if info.ended:  # it has told its last sample itself
        return True
    if not info.id:
        actors.define_seen(info)
    if captured is None:
        stack = seen.stack
    elif isinstance(captured, int):
        core: Any = session.native
        stack = core.stack_at(captured)
    else:
        stack = session.sink.captured(captured)
    cpu = seen.cpu
    if seen.clock is not None:
        try:
            cpu = time.clock_gettime_ns(seen.clock)
        except OSError:
            seen.clock = None
    wall = now - (seen.cpu_at or now)
    # A thread met for the first time has begun since the last look; the main one began long before us.
    used = cpu - (_began if info.main and not seen.cpu_at else seen.cpu)
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
    silent = TELL_CPU if seen.period_cpu + used >= MS else KEEP_ALIVE
    if stack != seen.stack or state != seen.state or now - seen.said_at >= silent:
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
        if _standing is not None:
            _standing.moved(info.ident, seen.top)
    elif _standing is not None and now - seen.still >= STANDING:
        _standing.look(info.ident, info.id, seen.top, seen.still, stack)
    return moved


def finish() -> None:
    """At the very end, for the thread that the process ends in."""
    actors.current_thread()
    info = actors.by_ident.get(_own_ident())
    if info is not None:
        _last_sample(info)


def _last_sample(info: "actors.ThreadInfo") -> None:
    """A thread ends, in that thread: the CPU time that nobody has looked at yet. A main one may be told twice that it ends."""
    global _began
    session = _session
    if session is None or not _count_clock or _own_ident() != info.ident:
        return
    seen = _seen.get(info.ident)
    if seen is not None and seen.info is not info:
        seen = None
    known = seen.cpu - seen.period_cpu if seen is not None else _began if info.main else 0
    used = time.thread_time_ns()
    cpu = used - known
    if cpu < MS:
        return
    if seen is not None:
        seen.cpu, seen.period_cpu = used, 0
    elif info.main:
        _began = used
    now = monotonic_ns()
    stack, since = (seen.stack, now - (seen.said_at or now)) if seen is not None else (0, 0)
    session.ring.emit_at(
        KIND_SAMPLE, SAMPLE_RUNNING, info.id, now, stack, cpu // 1000, since // 1000
    )
