"""What is said once in a while: the GIL estimate, losses, the probe's own cost; and the last words at the end."""

from __future__ import annotations

import _signal
from time import process_time_ns

from . import actors, costs, locks, queues, samples
from .clock import monotonic_ns
from .frames import current as frames_now
from .kinds import (
    KIND_DAEMON_KILLED,
    KIND_DROPPED,
    KIND_GIL,
    KIND_OVERHEAD,
    REASON_DEFINITIONS_FULL,
    REASON_DISK_FULL,
)
from .origins import has_gil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Container, List, Tuple

    from .recorded import Session
    from .sink import Captured

MS = 1_000_000

_late_ns = 0
_late_count = 0
_gil_at = 0
_said_lost = (0, 0)
_signals_said = False


def reset() -> None:
    """In a new process nothing has been said."""
    global _late_ns, _late_count, _gil_at, _said_lost, _signals_said
    _gil_at = monotonic_ns()
    _said_lost = (0, 0)
    _signals_said = False
    _late_ns = _late_count = 0


def came_late(ns: int) -> None:
    """The watcher came back from a sleep so late."""
    global _late_ns, _late_count
    _late_ns += max(0, ns - 80_000)
    _late_count += 1


def say_gil(session: "Session") -> None:
    """Coming back late from a sleep means that somebody else had the GIL: those who would have run wanted it then."""
    global _late_ns, _late_count, _gil_at
    now = monotonic_ns()
    wanted_ns = samples.take_wanted()
    period = now - _gil_at
    if _late_count and has_gil() and period > MS:
        taken = min(1.0, _late_ns / _late_count / 2e6)
        wanted = int(wanted_ns * taken)
        session.ring.emit(KIND_GIL, 0, 0, wanted * 1000 // period, period // 1000, wanted // 1000)
    _gil_at = now
    _late_ns = _late_count = 0


def each_second(session: "Session") -> None:
    """The GIL estimate, thread names, signals, losses and the probe's own cost."""
    global _signals_said
    samples.refresh_names()
    samples.say_core_waits(session)
    say_gil(session)
    say_losses(session)
    if not _signals_said and _has_handlers():
        _signals_said = True
        session.sink.process(signals=True)
    _say_cost(session)


def say_losses(session: "Session") -> None:
    """What could not be written since this was said last."""
    global _said_lost
    ring = session.ring
    lost = (ring.dropped, session.sink.lost)
    if lost != _said_lost:
        for now, before, reason in zip(
            lost, _said_lost, (REASON_DISK_FULL, REASON_DEFINITIONS_FULL)
        ):
            if now > before:
                ring.emit(KIND_DROPPED, 0, 0, now, reason, 0)
        _said_lost = lost


def _say_cost(session: "Session") -> None:
    whole = process_time_ns() // MS
    session.ring.emit(KIND_OVERHEAD, 0, 0, session.cost_ns // 1000, session.ring.head, whole)


def count_cost(session: "Session") -> None:
    """The probe's own CPU time so far."""
    session.cost_ns = costs.estimate()
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


def last_numbers(session: "Session") -> None:
    """What has been counted since the last look, by the thread that the process ends in."""
    samples.finish()
    queues.flush()
    locks.flush()
    count_cost(session)
    say_gil(session)
    _say_cost(session)


def last_words(session: "Session", without: Container[int]) -> None:
    """At the very end: the last numbers, and the daemon threads that are about to be cut off, but for ours."""
    last_numbers(session)
    killed: List[Tuple["actors.ThreadInfo", Captured]] = []
    frames = frames_now()
    for ident, frame in frames.items():
        info = actors.by_ident.get(ident)
        if info is not None and not info.main and ident not in without:
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
    session.sink.give_up()
    say_losses(session)
