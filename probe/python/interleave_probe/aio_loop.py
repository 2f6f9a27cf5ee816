"""Event loops: how late and how busy they are, their long steps, and the line that blocks them."""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ref
from time import monotonic_ns
from types import FrameType, ModuleType

from . import (
    actors,
    aio_foreign,
    aio_primitives,
    aio_tasks,
    aio_unsafe,
    aio_waits,
    budgets,
    costs,
    edits,
    objects,
    waits,
)
from .frames import current as frames_now
from .kinds import (
    KIND_LOOP_BUSY,
    KIND_LOOP_IDLE,
    KIND_LOOP_LAG,
    KIND_LOOP_STACK,
    KIND_LOOP_START,
    KIND_LOOP_STEP,
    KIND_LOOP_STOP,
    KIND_UNSAFE_CALL,
    TASK_BIT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

MS = 1_000_000
PERIOD = 100 * MS
# Steps shorter than this are not looked at once the period's budget of looks is used up: about 2 % of one core.
THRESHOLD = 1 * MS
LOOKS = 300
LEAST_LOOKS = 20
FIRST_LOOKS = 500
LONG_STEP = 5 * MS
BLOCK = 40 * MS

# Places of a loop's list of numbers, which the edited `_run_once` keeps in a local: a store costs less than an attribute.
LAST, TURN, WORST, IDLE, TURNS, STATE, SCAN, STEPS = range(8)


class LoopState:
    """One running loop."""

    __slots__ = (
        "block_at",
        "block_next",
        "block_stack",
        "id",
        "ident",
        "idle_before",
        "idle_next",
        "idle_stamp",
        "loop",
        "period_at",
        "thread",
        "turns_before",
    )

    def __init__(self, loop: Any, id: int, ident: int, thread: int, now: int) -> None:
        self.loop = ref(loop)
        self.id = id
        self.ident = ident
        self.thread = thread
        self.period_at = now
        self.idle_before = 0
        self.turns_before = 0
        # The stamp at which the loop was seen waiting for events: it still does while the stamp stays.
        self.idle_stamp = -1
        self.block_at = -1
        self.block_stack = 0
        self.block_next = 0
        self.idle_next = 0


session: Any = None
# id(loop) -> its numbers, while it runs.
running: Dict[int, List[Any]] = {}
# The native core, where it looks at steps.
_core: Any = None
# What the edited `_run_once` does in each turn where the core is Python: the usual turn of a running loop without a call.
TURN_HERE = f"""
_interleave_n = _interleave_clock()
_interleave_s = _interleave_running.get(id(self))
if _interleave_s is None or _interleave_s[{SCAN}]:
 _interleave_s = _interleave_turn(self, timeout)
else:
 _interleave_l = _interleave_s[{LAST}]
 if _interleave_l - _interleave_s[{TURN}] > _interleave_s[{WORST}]:
  _interleave_s[{WORST}] = _interleave_l - _interleave_s[{TURN}]
 if timeout is None or timeout > 0:
  _interleave_s[{IDLE}] += _interleave_n - _interleave_l
 _interleave_s[{TURNS}] += 1
 _interleave_s[{LAST}] = _interleave_s[{TURN}] = _interleave_n
"""
# Object id of the only loop that runs, 0 while there are none or several.
_only = 0
_looks = LOOKS
# Turns and steps of loops that have ended; steps and acquires of asyncio's locks that somebody has looked at.
_over = [0, 0]
_steps_seen = _acquires_seen = 0
_share = budgets.Share(LEAST_LOOKS, LOOKS)
_base_events: Optional[Dict[str, Any]] = None
_run_code: Any = None


def install(active: Any) -> None:
    global session
    session = active
    aio_waits.keep_in(active.native)
    active.patches.on_import("asyncio", _patch)


def uninstall() -> None:
    global session, _base_events, _core, _only
    session = _core = None
    _only = 0
    running.clear()
    aio_foreign.reset()
    _base_events = None
    aio_unsafe.take_out()
    edits.restore_all()


def finish() -> None:
    """The program ends."""
    if session is not None:
        aio_foreign.finish()


def after_fork_child(active: Any) -> None:
    """The loop that ran in the forking thread may still run here: it is told of anew."""
    global session, _only, _steps_seen, _acquires_seen
    session = active
    old = list(running.values())
    running.clear()
    aio_foreign.reset()
    _only = _steps_seen = _acquires_seen = 0
    _over[:] = [0, 0]
    aio_primitives.only_loop(None)
    for numbers in old:
        loop = numbers[STATE].loop()
        if loop is not None and getattr(loop, "_thread_id", None) == get_ident():
            numbers[STATE] = _state(loop, monotonic_ns())
            running[id(loop)] = numbers
            actors.enter_loop()


def _patch(asyncio: ModuleType) -> None:
    global _base_events, _run_code
    base_events = sys.modules.get("asyncio.base_events")
    events = sys.modules.get("asyncio.events")
    if session is None or base_events is None or events is None:
        return
    _base_events = vars(base_events)
    loop = base_events.BaseEventLoop
    _run_code = events.Handle._run.__code__
    core = _watch_natively(base_events, events)
    hooks: Dict[str, Any] = {
        "turn": _turn if core is None else core.turn,
        "step": _step if core is None else core.step,
        "clock": monotonic_ns,
        "running": running,
        "limit": THRESHOLD,
        "on": False,
        "start": _start,
        "stop": _stop,
        "close": _close,
        "unsafe": _unsafe,
        "ident": get_ident,
    }
    if core is not None:
        hooks["here"] = core.here
    counting = ("ntodo = len(self._ready)", "after", f"_interleave_s[{STEPS}] += ntodo")
    done = edits.edit(
        loop._run_once,
        ([counting] if core is None else [])
        + [
            (
                "event_list = self._selector.select(timeout)",
                "after",
                TURN_HERE if core is None else "_interleave_s = _interleave_turn(self, timeout)",
            ),
            (
                "handle._run()",
                "after",
                "_interleave_n = _interleave_clock()\n"
                "if _interleave_n - _interleave_s[0] > _interleave_limit:\n"
                " _interleave_step(self, handle, _interleave_s, _interleave_n)\n"
                "_interleave_s[0] = _interleave_n"
                if core is None
                else "_interleave_step(handle, _interleave_s)",
            ),
        ],
        hooks,
    )
    setup = getattr(loop, "_run_forever_setup", loop.run_forever)
    cleanup = getattr(loop, "_run_forever_cleanup", None)
    entered = ("events._set_running_loop(self)", "after", "_interleave_start(self)")
    left = ("events._set_running_loop(None)", "after", "_interleave_stop(self)")
    if cleanup is None:
        done &= edits.edit(setup, [entered, left], hooks)
    else:
        done &= edits.edit(setup, [entered], hooks) and edits.edit(cleanup, [left], hooks)
    edits.edit(loop.close, [("self._closed = True", "after", "_interleave_close(self)")], hooks)
    edits.edit(
        loop.call_soon,
        [
            (
                "handle = self._call_soon(",
                "after",
                "if _interleave_on and _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)",
            )
            if core is None
            else _checked("_interleave_on")
        ],
        hooks,
    )
    edits.edit(
        loop.stop,
        [
            (
                "",
                "first",
                "if _interleave_ident() != self._thread_id: _interleave_unsafe(self, None)",
            )
        ],
        hooks,
    )
    edits.edit(
        loop.call_at,
        [
            (
                "timer._scheduled = True",
                "after",
                "if _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)",
            )
            if core is None
            else _checked("True")
        ],
        hooks,
    )
    if not done:
        session.say_blind(
            "asyncio's own source is not there: steps and lag of its event loops are not seen."
        )
    _arm(FIRST_LOOKS)


def _checked(wanted: str) -> edits.Rule:
    """The native core knows at once that a loop runs in this thread, and so that it is not closed: less work than to ask it."""
    return (
        "self._check_closed()",
        "within",
        "if not _interleave_here(self):\n"
        " try:\n"
        f"  if {wanted} and _interleave_ident() != self._thread_id: _interleave_unsafe(self, callback)\n"
        " except Exception as _interleave_error:\n"
        "  if _interleave_foreign(_interleave_error): raise",
    )


def _watch_natively(base_events: Any, events: Any) -> Any:
    """The native core looks at the many short steps itself; None where it does not run."""
    global _core
    core: Any = session.native
    tasks = sys.modules["asyncio.tasks"]
    python_task: Any = getattr(tasks, "_PyTask", tasks.Task)
    if core is None or python_task is tasks.Task:
        return None
    core.watch_loops(
        {
            "turn": _turn,
            "step": _step,
            "check_closed": base_events.BaseEventLoop._check_closed,
            "used_up": _disarm,
            "running": running,
            "seen": aio_waits.seen,
            "task": tasks.Task,
            "python_task": python_task,
            "handle": events.Handle,
            "timer": events.TimerHandle,
            "current": getattr(tasks, "_current_tasks", None),
        }
    )
    session.patches.undo(lambda: core.watch_loops(None))
    _core = core
    return core


def _new_numbers(numbers: List[Any]) -> Any:
    # The native core counts steps itself.
    return [*numbers, 0] if _core is None else _core.numbers(numbers)


# -- called by the edited functions, in the loop's thread ------------------------------------------------------------


def _start(loop: Any) -> None:
    if session is None:
        return
    if (
        waits.on_first is not None
    ):  # a forked child starts its watcher with the first thing to watch
        waits.on_first()
    now = monotonic_ns()
    numbers = _new_numbers([now, now, 0, 0, 0, _state(loop, now), False])
    running[id(loop)] = numbers
    _say_who_runs()
    actors.enter_loop()
    state: LoopState = numbers[STATE]
    session.ring.emit(
        KIND_LOOP_START, 0, state.thread, state.id, session.sink.stack(sys._getframe(1)), 0
    )


def _say_who_runs() -> None:
    global _only
    states = [numbers[STATE] for numbers in list(running.values())]
    only = states[0].id if len(states) == 1 and not aio_foreign.some() else 0
    if only != _only:
        _only = only
        aio_primitives.only_loop(states[0].loop() if only else None)


def _state(loop: Any, now: int) -> LoopState:
    return LoopState(loop, loop_id(loop), get_ident(), actors.current_thread(), now)


def loop_id(loop: Any) -> int:
    """Id of an event loop's object."""

    def make() -> int:
        kind = type(loop)
        return int(
            session.sink.object("EventLoop", kind.__module__.split(".")[0], 0, name=kind.__name__)
        )

    return objects.object_id(loop, make)


def _stop(loop: Any) -> None:
    numbers = running.pop(id(loop), None)
    _say_who_runs()
    if session is None or numbers is None:
        return
    state: LoopState = numbers[STATE]
    mark = costs.begin()
    _report(numbers, monotonic_ns(), False)
    aio_tasks.scan(loop)
    costs.end(mark)
    if _core is None:
        _over[0] += numbers[TURNS]
        _over[1] += numbers[STEPS]
    session.ring.emit(KIND_LOOP_STOP, 0, state.thread, state.id, aio_tasks.pending_of(loop), 0)
    if not any(other[STATE].ident == state.ident for other in running.values()):
        actors.leave_loop()
    else:  # what is known of the thread is about the loop that has stopped
        actors.enter_loop()


def _close(loop: Any) -> None:
    if session is None:
        return
    mark = costs.begin()
    pending = aio_tasks.closed(loop)
    costs.end(mark)
    if pending or objects.known_id(loop):
        session.ring.emit(KIND_LOOP_STOP, 1, actors.current_thread(), loop_id(loop), pending, 0)


def _turn(loop: Any, timeout: Any) -> Any:
    now = monotonic_ns()
    numbers = running.get(id(loop))
    if numbers is None:  # somebody turns the loop by hand
        return _new_numbers([now, now, 0, 0, 0, None, False])
    last = numbers[LAST]
    busy = last - numbers[TURN]
    if busy > numbers[WORST]:
        numbers[WORST] = busy
    if timeout is None or timeout > 0:
        numbers[IDLE] += now - last
    numbers[TURNS] += 1
    numbers[TURN] = numbers[LAST] = now
    if numbers[SCAN]:
        numbers[SCAN] = False
        mark = costs.begin()
        aio_tasks.scan(loop)
        costs.end(mark)
        numbers[LAST] = monotonic_ns()
    return numbers


def spend(looks: int) -> None:
    """Somebody has looked: after the period's budget nobody does until the watcher opens the next."""
    global _looks, _steps_seen, _acquires_seen
    if _core is not None:
        _core.spend(looks)
        return
    before = _looks
    if looks > 1:
        _acquires_seen += 1
    elif before > 0 or session.full:  # not the long ones among those that nobody looks at
        _steps_seen += 1
    _looks = before - looks
    if before > 0 >= _looks and not session.full:
        _disarm()


def effort() -> Tuple[int, int, int, int]:
    """Where the core is Python: turns, steps, looks, and times that locks and semaphores were taken, as it seems."""
    now = list(running.values()) if _core is None else []
    turns = _over[0] + sum(numbers[TURNS] for numbers in now)
    steps = _over[1] + sum(numbers[STEPS] for numbers in now)
    # Not counted while nobody looks: as many for each step as while somebody does.
    acquires = _acquires_seen * max(steps, _steps_seen) // max(_steps_seen, 1)
    return turns, steps, _steps_seen + 2 * _acquires_seen, acquires


def known_loop(loop: Any) -> int:
    """Object id of a loop, quickly while it runs."""
    numbers = running.get(id(loop))
    return int(numbers[STATE].id) if numbers is not None else loop_id(loop)


def _step(loop: Any, handle: Any, numbers: List[Any], now: int) -> None:
    """A step has ended: one of the first of a period, or a long one."""
    if session is None:
        return
    spend(1)
    began = numbers[LAST]
    task = getattr(handle._callback, "__self__", None)
    task_id = aio_tasks.stepped(task, began, now) if task is not None else 0
    took = now - began
    state: Optional[LoopState] = numbers[STATE]
    if state is not None and (took >= LONG_STEP or session.full):
        actor = TASK_BIT | task_id if task_id else state.thread
        stack = state.block_stack if state.block_at == began else 0
        session.ring.emit_at(KIND_LOOP_STEP, 0, actor, now, state.id, stack, took // 1000)


def _unsafe(loop: Any, callback: Any) -> None:
    ident = getattr(loop, "_thread_id", None)
    if session is None or ident is None or ident == get_ident() or id(loop) not in running:
        return
    frame: Optional[FrameType] = sys._getframe(1)
    method = ""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("asyncio."):
        method = frame.f_code.co_name
        frame = frame.f_back
    if frame is not None and aio_tasks.from_future(callback):
        # C code of a future called call_soon: what the program called is not on the stack, only on the line.
        method = (
            aio_tasks.called_on_line(
                frame, ("set_result", "set_exception", "cancel", "set", "put_nowait")
            )
            or method
        )
    sink = session.sink
    session.ring.emit(
        KIND_UNSAFE_CALL,
        0,
        actors.current(),
        loop_id(loop),
        sink.stack(frame or sys._getframe(1)),
        sink.string(method),
    )


def _unsafe_future(loop: Any, method: Any) -> None:
    """A future is completed in another thread; its callbacks may say so too, but there may be none."""
    ident = getattr(loop, "_thread_id", None)
    if session is None or ident is None or id(loop) not in running:
        return
    sink = session.sink
    session.ring.emit(
        KIND_UNSAFE_CALL,
        0,
        actors.current(),
        loop_id(loop),
        sink.stack(sys._getframe(2)),
        sink.string(method.__name__),
    )


def _arm(looks: int = LOOKS) -> None:
    global _looks
    _looks = looks
    if _base_events is not None:
        _base_events["_interleave_limit"] = -1
        _base_events["_interleave_on"] = True
    if _core is not None:
        _core.arm(-1, looks, aio_tasks.STACKS if session.full else aio_tasks.FEW_STACKS)
    aio_tasks.arm(True)
    aio_primitives.arm(True)


def _disarm() -> None:
    if _base_events is not None:
        _base_events["_interleave_limit"] = THRESHOLD
        _base_events["_interleave_on"] = False
    if _core is not None:
        _core.arm(THRESHOLD, 0, 0)
    aio_tasks.arm(False)
    aio_primitives.arm(False)


# -- called by the watcher, in its own thread ------------------------------------------------------------------------


@edits.quiet
def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Looks at every running loop: takes the stacks of blocks, reports lag and use."""
    global _tended_at, _opened_at
    if session is None:
        return
    if now - _opened_at >= PERIOD:
        _opened_at = now
        aio_tasks.new_period()
    if _base_events is not None and now - _tended_at >= 20 * MS:
        _tended_at = now
        aio_unsafe.tend(
            [numbers[STATE].ident for numbers in list(running.values())], _unsafe_future
        )
    if _base_events is not None:
        aio_foreign.watch(now, frames)
        _say_who_runs()
    if not running:
        return
    if (_looks if _core is None else _core.looks_left()) <= 0:
        _arm_if_due(now)
    glance(now, frames)
    for numbers in list(running.values()):
        if now - numbers[STATE].period_at >= PERIOD:
            _report(numbers, now, True)


@edits.quiet
def glance(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Takes the stack of every loop that is blocked now."""
    for numbers in list(running.values()):
        state: LoopState = numbers[STATE]
        last = numbers[LAST]
        if session is not None and now - last > BLOCK and state.idle_stamp != last:
            frame = frames().get(state.ident)
            if numbers[LAST] == last and frame is not None:
                _look(numbers, state, last, now, frame)


_armed_at = 0
_tended_at = 0
_opened_at = 0


def _arm_if_due(now: int) -> None:
    global _armed_at
    if now - _armed_at >= PERIOD:
        _armed_at = now
        _arm(_share.next())


def _look(numbers: List[Any], state: LoopState, last: int, now: int, frame: FrameType) -> None:
    if not _in_step(frame):
        state.idle_stamp = last
        return
    if state.block_at != last:
        state.block_at, state.block_stack, state.block_next = last, 0, 0
    if now < state.block_next:
        return
    took = now - last
    # Dense at first, so that a block just over the limit has several; a block that never ends costs ten a second.
    state.block_next = now + (20 * MS if took < 300 * MS else PERIOD)
    stack = session.sink.stack(frame)
    if not state.block_stack:
        state.block_stack = stack
    session.ring.emit(KIND_LOOP_STACK, 0, state.thread, state.id, stack, took // 1000)


def _in_step(frame: Optional[FrameType]) -> bool:
    """True when the loop runs a callback, False while it waits for events or is between turns."""
    inner = None
    code = _run_code
    while frame is not None:
        if frame.f_code.co_name == "_run_once":
            return inner is not None and inner.f_code.co_name not in ("select", "_poll", "poll")
        if frame.f_code is code and inner is not None:
            return True
        inner = frame
        frame = frame.f_back
    return False


def _report(numbers: List[Any], now: int, live: bool) -> None:
    """One period of lag and use."""
    state: LoopState = numbers[STATE]
    last = numbers[LAST]
    waits = state.idle_stamp == last
    if live and not waits and now - last > MS:
        frame = frames_now().get(state.ident)
        if numbers[LAST] == last and frame is not None and not _in_step(frame):
            waits, state.idle_stamp = True, last
    # What was counted as idle before the period's end may reach over it: the sum stays right over two periods.
    idle_now = numbers[IDLE] + (now - last if waits else 0)
    period = now - state.period_at
    idle = min(max(idle_now - state.idle_before, 0), period)
    turns = numbers[TURNS] - state.turns_before
    worst = max(numbers[WORST], (last if waits else now) - numbers[TURN])
    state.period_at, state.idle_before, state.turns_before = now, idle_now, numbers[TURNS]
    numbers[WORST] = 0
    loop = state.loop()
    ring = session.ring
    ready = len(getattr(loop, "_ready", ()))
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
        numbers[SCAN] = True
        return
    aio_tasks.scan(loop, waits)
    if waits and now - last >= 50 * MS and not ready and now >= state.idle_next:
        state.idle_next = now + (PERIOD if now - last < 1000 * MS else 5 * PERIOD)
        ring.emit_at(
            KIND_LOOP_IDLE, 0, state.thread, now, state.id, _timers_of(loop), _files_of(loop)
        )


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
