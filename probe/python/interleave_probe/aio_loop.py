"""Event loops: how late and how busy they are, their long steps, and the line that blocks them."""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ref
from types import AsyncGeneratorType, CoroutineType, FrameType, ModuleType

from . import (
    actors,
    aio_edits,
    aio_foreign,
    aio_lag,
    aio_left,
    aio_primitives,
    aio_tasks,
    aio_unsafe,
    aio_waits,
    costs,
    edits,
    objects,
    waits,
)
from .clock import monotonic_ns
from .kinds import (
    KIND_LOOP_START,
    KIND_LOOP_STEP,
    KIND_LOOP_STOP,
    TASK_BIT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

MS = 1_000_000
# Steps shorter than this are not looked at once the period's budget of looks is used up: about 2 % of one core.
THRESHOLD = 1 * MS
FIRST_LOOKS = 500
LONG_STEP = 5 * MS

# Places of a loop's list of numbers, which the edited `_run_once` keeps in a local: a store costs less than an attribute. STEPS
# are those after the first of their turns; a WORST of UNKNOWN makes the next turn look whether it is to SCAN.
LAST, TURN, WORST, IDLE, TURNS, STATE, SCAN, STEPS = range(8)
UNKNOWN = -1
# Where the core is Python, the list is kept in the loop itself under this name.
NUMBERS = "_interleave_numbers"


class LoopState:
    """One running loop."""

    __slots__ = (
        "block_at",
        "block_next",
        "block_stack",
        "forked_at",
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
        # The stamp with which a fork in the middle of a step has left it: of a worker of a pool it stays for ever.
        self.forked_at = -1


session: Any = None
# id(loop) -> its numbers, while it runs.
running: Dict[int, List[Any]] = {}
# The native core, where it looks at steps.
_core: Any = None
# Object id of the only loop that runs, 0 while there are none or several.
_only = 0
_looks = FIRST_LOOKS
# Since when every step has been looked at, None while only the long ones are.
_armed_since: Optional[int] = None
# Turns of loops that have ended, and steps after the first of a turn; steps and acquires of asyncio's locks that somebody has looked at.
_over = [0, 0]
_steps_seen = _acquires_seen = 0
_base_events: Optional[Dict[str, Any]] = None
run_code: Any = None


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


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """For the watcher."""
    aio_lag.watch(now, frames)


def finish() -> None:
    """The program ends."""
    if session is not None:
        aio_foreign.finish()


def after_fork_child(active: Any) -> None:
    """The loop that ran in the forking thread may run on here: with its next turn it is told of anew."""
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
            numbers[STATE] = state = _state(loop, monotonic_ns())
            state.forked_at = numbers[LAST]
            running[id(loop)] = numbers
            actors.enter_loop()
        elif loop is not None:
            _keep(loop, None)


def _patch(asyncio: ModuleType) -> None:
    global _base_events, run_code
    base_events = sys.modules.get("asyncio.base_events")
    events = sys.modules.get("asyncio.events")
    if session is None or base_events is None or events is None:
        return
    _base_events = vars(base_events)
    loop = base_events.BaseEventLoop
    run_code = events.Handle._run.__code__
    core = _watch_natively(base_events, events)
    hooks: Dict[str, Any] = {
        "turn": _turn if core is None else core.turn,
        "step": _step if core is None else core.step,
        "clock": monotonic_ns,
        "limit": THRESHOLD,
        "on": False,
        "start": _start,
        "stop": _stop,
        "close": _close,
        "unsafe": aio_unsafe.called,
        "ident": get_ident,
    }
    if core is not None:
        hooks["here"] = core.here
        hooks["soon"] = core.soon
    else:
        session.patches.replace(loop, NUMBERS, None)
    if not aio_edits.edit_loop(loop, hooks, core is not None):
        session.say_blind(
            "asyncio's own source is not there: steps and lag of its event loops are not seen."
        )
    arm(FIRST_LOOKS)


def _watch_natively(base_events: Any, events: Any) -> Any:
    """The native core looks at the many short steps itself; None where it does not run."""
    global _core
    core: Any = session.native
    tasks = sys.modules["asyncio.tasks"]
    python_task: Any = getattr(tasks, "_PyTask", tasks.Task)
    if core is None or python_task is tasks.Task:
        return None
    suspended = _once()
    next(suspended)
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
            "current": aio_tasks.current_tasks(tasks),
            "current_task": tasks.current_task,
            "generator": suspended,
            "coroutine_type": CoroutineType,
            "asynchronous_type": AsyncGeneratorType,
            **_parts_of_soon(base_events, events),
        }
    )
    session.patches.undo(lambda: core.watch_loops(None))
    _core = core
    return core


# What asyncio's functions behind call_soon() refer to, in all versions so far: of others the native core keeps away.
_CALL_SOON = ("events", "Handle", "_source_traceback", "_ready", "append")
_HANDLE_INIT = (
    *("contextvars", "copy_context", "_context", "_loop", "_callback", "_args", "_cancelled"),
    *("_repr", "get_debug", "format_helpers", "extract_stack", "sys", "_getframe"),
    "_source_traceback",
)


def _parts_of_soon(base_events: Any, events: Any) -> Dict[str, Any]:
    """For the native core to do what call_soon() does; nothing where that does something else."""
    loop = base_events.BaseEventLoop
    call_soon, init = loop._call_soon, events.Handle.__init__
    names = [getattr(getattr(f, "__code__", None), "co_names", None) for f in (call_soon, init)]
    if names != [_CALL_SOON, _HANDLE_INIT]:
        return {}
    return {
        "events": vars(events),
        "handle_init": init,
        "call_soon": call_soon,
        "get_debug": loop.get_debug,
        "copy_context": events.contextvars.copy_context,
        "deque": base_events.collections.deque,
    }


def _once() -> Iterator[None]:
    """For the native core to learn from how what is suspended looks."""
    yield


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
    _keep(loop, numbers)
    say_who_runs()
    actors.enter_loop()
    state: LoopState = numbers[STATE]
    session.ring.emit(
        KIND_LOOP_START, 0, state.thread, state.id, session.sink.stack(sys._getframe(1)), 0
    )


def _keep(loop: Any, numbers: Any) -> None:
    if _core is None:
        setattr(loop, NUMBERS, numbers)


def say_who_runs() -> None:
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
    _keep(loop, None)
    say_who_runs()
    if session is None or numbers is None:
        return
    state: LoopState = numbers[STATE]
    mark = costs.begin()
    aio_lag.report(numbers, monotonic_ns(), False)
    aio_tasks.scan(loop)
    aio_waits.forget(loop)
    costs.end(mark)
    if _core is None:
        _over[0] += numbers[TURNS]
        _over[1] += numbers[STEPS]
    session.ring.emit(KIND_LOOP_STOP, 0, state.thread, state.id, aio_left.pending_of(loop), 0)
    if not any(other[STATE].ident == state.ident for other in running.values()):
        actors.leave_loop()
    else:  # what is known of the thread is about the loop that has stopped
        actors.enter_loop()


def _close(loop: Any) -> None:
    if session is None:
        return
    mark = costs.begin()
    pending = aio_left.closed(loop)
    if objects.known_id(loop):
        aio_waits.last_look(loop)
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


def looks_left() -> int:
    """Of the budget of this period."""
    return _looks if _core is None else int(_core.looks_left())


def is_watched() -> bool:
    """True once asyncio's loops have been hooked."""
    return _base_events is not None


def effort() -> Tuple[int, int, int, int]:
    """Where the core is Python: turns, steps, looks, and times that locks and semaphores were taken, as it seems."""
    now = list(running.values()) if _core is None else []
    turns = _over[0] + sum(numbers[TURNS] for numbers in now)
    steps = turns + _over[1] + sum(numbers[STEPS] for numbers in now)
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
    took = now - began
    task = getattr(handle._callback, "__self__", None)
    task_id = aio_tasks.stepped(task, began, now, took >= LONG_STEP) if task is not None else 0
    state: Optional[LoopState] = numbers[STATE]
    if state is not None and (took >= LONG_STEP or session.full):
        actor = TASK_BIT | task_id if task_id else state.thread
        stack = state.block_stack if state.block_at == began else 0
        session.ring.emit_at(KIND_LOOP_STEP, 0, actor, now, state.id, stack, took // 1000)


def looked_at_since(then: int) -> bool:
    """Whether every step since then has been looked at, so that what was known then of a task still holds."""
    return _armed_since is not None and then >= _armed_since


def arm(looks: int) -> None:
    """From now on every step is looked at, until so many have been."""
    global _looks, _armed_since
    _looks = looks
    if _base_events is not None:
        _base_events["_interleave_limit"] = -1
        _base_events["_interleave_on"] = True
    if _core is not None:
        _core.arm(-1, looks, aio_tasks.STACKS if session.full else aio_tasks.FEW_STACKS)
    aio_tasks.arm(True)
    aio_primitives.arm(True)
    if _armed_since is None:
        _armed_since = monotonic_ns()


def _disarm() -> None:
    global _armed_since
    _armed_since = None
    if _base_events is not None:
        _base_events["_interleave_limit"] = THRESHOLD
        _base_events["_interleave_on"] = False
    if _core is not None:
        _core.arm(THRESHOLD, 0, 0)
    aio_tasks.arm(False)
    aio_primitives.arm(False)
