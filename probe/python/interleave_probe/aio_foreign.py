"""Event loops that are not asyncio's own, such as uvloop's: their lag by a heartbeat, their blocks by stacks.

Their turns run in compiled code that cannot be hooked. Such a loop is found by its tasks; from then on it calls a function
of ours forty times a second, and when that call is overdue, the watcher looks at what the loop's thread does instead.
"""

from __future__ import annotations

import sys
import time
from _thread import get_ident
from _weakref import ref
from types import FrameType

from . import actors, aio_left, aio_live, aio_loop, aio_tasks
from .clock import monotonic_ns
from .kinds import (
    KIND_LOOP_BUSY,
    KIND_LOOP_LAG,
    KIND_LOOP_STACK,
    KIND_LOOP_START,
    KIND_LOOP_STEP,
    KIND_LOOP_STOP,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

MS = 1_000_000
BEAT = 25 * MS
# A beat so late means that something blocks the loop.
BLOCK = 30 * MS
STACK_EVERY = 20 * MS
PERIOD = 100 * MS
LOOK_FOR = 100 * MS
TASKS_LOOKED_AT = 8
BLIND = "The turns of {}'s event loop cannot be seen: of its steps only those of 30 ms and more are told, by a heartbeat, and of its tasks and locks only those that a look at them meets."


class Foreign:
    """One such loop while it runs."""

    __slots__ = (
        "beats",
        "block_due",
        "block_next",
        "block_stack",
        "clock",
        "cpu",
        "due",
        "id",
        "ident",
        "late",
        "loop",
        "period_at",
        "thread",
        "worst",
    )

    def __init__(self, loop: Any, now: int) -> None:
        self.loop = ref(loop)
        self.id = aio_loop.loop_id(loop)
        self.ident = self.thread = 0
        # When the next beat should come, 0 before the first.
        self.due = 0
        self.worst = self.late = self.beats = 0
        self.period_at = now
        self.cpu = 0
        self.clock: Any = None
        self.block_due = self.block_stack = self.block_next = 0


_loops: Dict[int, Foreign] = {}
_looked_at = 0


def some() -> bool:
    """True while such a loop runs."""
    return bool(_loops)


def reset() -> None:
    _loops.clear()


def finish() -> None:
    """The program ends: the loops that have stopped since the watcher's last look."""
    for one in list(_loops.values()):
        loop = one.loop()
        if loop is None or not _is_running(loop):
            _say_stop(one, loop)
    _loops.clear()


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """For the watcher: finds such loops, takes the stacks of their blocks and reports lag and use."""
    global _looked_at
    if now - _looked_at >= LOOK_FOR:
        _looked_at = now
        _look_for_loops(now)
    for address, one in list(_loops.items()):
        loop = one.loop()
        if loop is None or not _is_running(loop):
            _loops.pop(address, None)
            _say_stop(one, loop)
            continue
        if not one.due:
            continue
        late = now - one.due
        if late > BLOCK:
            _look(one, now, late, frames)
        if now - one.period_at >= PERIOD:
            _report(one, now, max(late, 0))


def _look_for_loops(now: int) -> None:
    # Each loop that runs has one among them, mostly.
    for weak in aio_live.some_tasks(TASKS_LOOKED_AT):
        task = weak() if type(weak) is ref else weak
        loop = (
            task.get_loop()
            if isinstance(task, aio_tasks.task_types()) and not task.done()
            else None
        )
        if (
            loop is None
            or id(loop) in _loops
            or hasattr(loop, "_run_once")
            or not _is_running(loop)
        ):
            continue
        one = Foreign(loop, now)
        try:
            loop.call_soon_threadsafe(_first_beat, one)
        except RuntimeError:  # closed meanwhile
            continue
        _loops[id(loop)] = one
        name = type(loop).__module__.partition(".")[0]
        aio_loop.session.say_partly("tasks", BLIND.format(name))


def _is_running(loop: Any) -> bool:
    ask = getattr(loop, "is_running", None)
    return bool(ask()) if ask is not None else False


# -- in the loop's thread --------------------------------------------------------------------------------------------


def _first_beat(one: Foreign) -> None:
    session = aio_loop.session
    loop = one.loop()
    if session is None or loop is None:
        return
    one.ident, one.thread = get_ident(), actors.current_thread()
    if hasattr(time, "pthread_getcpuclockid"):
        one.clock = time.pthread_getcpuclockid(one.ident)
        one.cpu = time.clock_gettime_ns(one.clock)
    actors.enter_loop()
    frame = sys._getframe(1) if sys._getframe().f_back is not None else None
    session.ring.emit(
        KIND_LOOP_START,
        0,
        one.thread,
        one.id,
        session.sink.stack(frame) if frame is not None else 0,
        0,
    )
    one.period_at = monotonic_ns()
    one.due = one.period_at + BEAT
    loop.call_later(BEAT / 1e9, _beat, one)


def _beat(one: Foreign) -> None:
    session = aio_loop.session
    loop = one.loop()
    if session is None or loop is None or _loops.get(id(loop)) is not one:
        return
    now = monotonic_ns()
    late = now - one.due
    one.beats += 1
    if late > one.worst:
        one.worst = late
    if late > MS:
        one.late += late
    if late > BLOCK:
        stack = one.block_stack if one.block_due == one.due else 0
        session.ring.emit_at(KIND_LOOP_STEP, 0, one.thread, now, one.id, stack, late // 1000)
    aio_tasks.scan(loop)
    one.due = monotonic_ns() + BEAT
    loop.call_later(BEAT / 1e9, _beat, one)


# -- in the watcher's thread -----------------------------------------------------------------------------------------


def _look(one: Foreign, now: int, late: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    if one.block_due != one.due:
        one.block_due, one.block_stack, one.block_next = one.due, 0, 0
    if now < one.block_next:
        return
    one.block_next = now + (STACK_EVERY if late < 300 * MS else PERIOD)
    frame = frames().get(one.ident)
    if frame is None:
        return
    session = aio_loop.session
    stack = session.sink.stack(frame)
    if not one.block_stack:
        one.block_stack = stack
    session.ring.emit(KIND_LOOP_STACK, 0, one.thread, one.id, stack, late // 1000)


def _report(one: Foreign, now: int, late: int) -> None:
    """One period of lag and use; busy is what the thread used of the CPU, or what beats came late, whichever is more."""
    period = now - one.period_at
    used = one.cpu
    if one.clock is not None:
        try:
            used = time.clock_gettime_ns(one.clock)
        except OSError:  # the thread is gone
            one.clock = None
    busy = min(max(used - one.cpu, min(one.late + late, period)), period)
    one.cpu = used
    worst = max(one.worst, late)
    emit_at = aio_loop.session.ring.emit_at
    emit_at(KIND_LOOP_LAG, 0, one.thread, now, one.id, min(worst // 1000, 0xFFFF_FFFF), 0)
    emit_at(
        KIND_LOOP_BUSY, one.beats, one.thread, now, one.id, busy // 1000, (period - busy) // 1000
    )
    one.worst = one.late = one.beats = 0
    one.period_at = now


def _say_stop(one: Foreign, loop: Any) -> None:
    if one.thread:
        pending = aio_left.pending_of(loop) if loop is not None else 0
        aio_loop.session.ring.emit(KIND_LOOP_STOP, 0, one.thread, one.id, pending, 0)
