"""What the watcher says of running loops: how late and how busy they are, and the line that blocks them."""

from __future__ import annotations

from types import FrameType

from . import aio_foreign, aio_loop, aio_tasks, aio_unsafe, budgets, edits
from .frames import current as frames_now
from .kinds import KIND_LOOP_BUSY, KIND_LOOP_IDLE, KIND_LOOP_LAG, KIND_LOOP_STACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

MS = 1_000_000
PERIOD = 100 * MS
BLOCK = 40 * MS
# Steps that are looked at in one period.
LOOKS = 300
LEAST_LOOKS = 100

_armed_at = 0
_tended_at = 0
_opened_at = 0
_settled = True
_share = budgets.Share(LEAST_LOOKS, LOOKS)


@edits.quiet
def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Looks at every running loop: takes the stacks of blocks, reports lag and use."""
    global _tended_at, _opened_at
    if aio_loop.session is None:
        return
    if now - _opened_at >= PERIOD:
        _opened_at = now
        aio_tasks.new_period()
    if aio_loop.is_watched() and now - _tended_at >= 20 * MS:
        _tended_at = now
        aio_unsafe.tend(
            [numbers[aio_loop.STATE].ident for numbers in list(aio_loop.running.values())]
        )
    if aio_loop.is_watched():
        aio_foreign.watch(now, frames)
        aio_loop.say_who_runs()
    if not aio_loop.running:
        _say_settled(True)
        return
    if aio_loop.looks_left() <= 0:
        _arm_if_due(now)
    glance(now, frames)
    for numbers in list(aio_loop.running.values()):
        if now - numbers[aio_loop.STATE].period_at >= PERIOD and not _is_left(numbers, now):
            report(numbers, now, True)


@edits.quiet
def glance(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Takes the stack of every loop that is blocked now."""
    settled = True
    for numbers in list(aio_loop.running.values()):
        state: aio_loop.LoopState = numbers[aio_loop.STATE]
        last = numbers[aio_loop.LAST]
        if _is_left(numbers, now):
            continue
        if aio_loop.session is not None and now - last > BLOCK and state.idle_stamp != last:
            frame = frames().get(state.ident)
            if numbers[aio_loop.LAST] == last and frame is not None:
                _look(numbers, state, last, now, frame)
        settled = settled and state.idle_stamp == last
    _say_settled(settled)


def _is_left(numbers: List[Any], now: int) -> bool:
    """
    A process that was forked in the middle of a step has that step on its stack, and a worker of a pool never comes back to it:
    no loop runs there, and nobody waits for it. The first turn says otherwise.
    """
    state: aio_loop.LoopState = numbers[aio_loop.STATE]
    if state.forked_at < 0:
        return False
    if state.forked_at == numbers[aio_loop.LAST]:
        return True
    state.forked_at = -1
    state.period_at = now
    state.idle_before, state.turns_before = numbers[aio_loop.IDLE], numbers[aio_loop.TURNS]
    return False


def _say_settled(settled: bool) -> None:
    """The native core looks less often while every loop waits for events."""
    global _settled
    if settled != _settled and aio_loop.session is not None:
        _settled = settled
        tell = getattr(aio_loop.session.native, "loops_settled", None)
        if tell is not None:
            tell(settled)


def _arm_if_due(now: int) -> None:
    global _armed_at
    if now - _armed_at >= PERIOD:
        _armed_at = now
        aio_loop.arm(_share.next())


def _look(
    numbers: List[Any], state: aio_loop.LoopState, last: int, now: int, frame: FrameType
) -> None:
    if not _in_step(frame):
        if not _ready_in(state.loop()):
            state.idle_stamp = last
        return
    if state.block_at != last:
        state.block_at, state.block_stack, state.block_next = last, 0, 0
    if now < state.block_next:
        return
    took = now - last
    # Dense at first, so that a block just over the limit has several; a block that never ends costs ten a second.
    state.block_next = now + (20 * MS if took < 300 * MS else PERIOD)
    stack = aio_loop.session.sink.stack(frame)
    if not state.block_stack:
        state.block_stack = stack
    aio_loop.session.ring.emit(KIND_LOOP_STACK, 0, state.thread, state.id, stack, took // 1000)


def _in_step(frame: Optional[FrameType]) -> bool:
    """True when the loop runs a callback, False while it waits for events or is between turns."""
    inner = None
    code = aio_loop.run_code
    while frame is not None:
        if frame.f_code.co_name == "_run_once":
            return inner is not None and inner.f_code.co_name not in ("select", "_poll", "poll")
        if frame.f_code is code and inner is not None:
            return True
        inner = frame
        frame = frame.f_back
    return False


def report(numbers: List[Any], now: int, live: bool) -> None:
    """One period of lag and use."""
    state: aio_loop.LoopState = numbers[aio_loop.STATE]
    last = numbers[aio_loop.LAST]
    waits = state.idle_stamp == last
    loop = state.loop()
    ready = _ready_in(loop)
    if live and not waits and not ready and now - last > MS:
        frame = frames_now().get(state.ident)
        if numbers[aio_loop.LAST] == last and frame is not None and not _in_step(frame):
            waits, state.idle_stamp = True, last
    # What was counted as idle before the period's end may reach over it: the sum stays right over two periods.
    idle_now = numbers[aio_loop.IDLE] + (now - last if waits else 0)
    period = now - state.period_at
    idle = min(max(idle_now - state.idle_before, 0), period)
    turns = numbers[aio_loop.TURNS] - state.turns_before
    worst = max(numbers[aio_loop.WORST], (last if waits else now) - numbers[aio_loop.TURN])
    state.period_at, state.idle_before, state.turns_before = now, idle_now, numbers[aio_loop.TURNS]
    numbers[aio_loop.WORST] = aio_loop.UNKNOWN
    ring = aio_loop.session.ring
    ring.emit_at(
        KIND_LOOP_LAG, 0, state.thread, now, state.id, min(worst // 1000, 0xFFFFFFFF), ready
    )
    ring.emit_at(
        KIND_LOOP_BUSY,
        min(turns, 0xFFFF),
        state.thread,
        now,
        state.id,
        (period - idle) // 1000,
        idle // 1000,
    )
    if not live or loop is None:
        return
    if not waits and now - last < 50 * MS:
        numbers[aio_loop.SCAN] = True
        numbers[aio_loop.WORST] = aio_loop.UNKNOWN
        return
    aio_tasks.scan(loop, waits)
    if waits and now - last >= 50 * MS and not ready and now >= state.idle_next:
        state.idle_next = now + (PERIOD if now - last < 1000 * MS else 5 * PERIOD)
        ring.emit_at(
            KIND_LOOP_IDLE, 0, state.thread, now, state.id, _timers_of(loop), _files_of(loop)
        )


def _ready_in(loop: Any) -> int:
    """Callbacks that are to run: with some a loop between two of them, where garbage may be collected, does not wait."""
    return len(getattr(loop, "_ready", ()))


def _timers_of(loop: Any) -> int:
    return max(
        len(getattr(loop, "_scheduled", ())) - int(getattr(loop, "_timer_cancelled_count", 0)), 0
    )


def _files_of(loop: Any) -> int:
    """Files the loop watches besides the one it wakes itself with."""
    selector = getattr(loop, "_selector", None)
    files = getattr(selector, "_fd_to_key", None)
    if files is None:
        return 0
    return max(len(files) - (1 if getattr(loop, "_ssock", None) is not None else 0), 0)
