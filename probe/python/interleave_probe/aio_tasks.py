"""Tasks of asyncio: who made them, when they end and how, and which failures nobody looked at."""

from __future__ import annotations

import sys
from _weakref import ref
from types import FrameType, ModuleType

from . import (
    actors,
    aio_edits,
    aio_left,
    aio_live,
    aio_loop,
    aio_waits,
    budgets,
    creations,
    errors,
    waits,
)
from .clock import monotonic_ns
from .kinds import (
    KIND_TASK_CREATE,
    KIND_TASK_END,
    KIND_TASK_NAME,
    KIND_TASK_RESUME,
    KIND_TASK_SUSPEND,
    TASK_BIT,
    TASK_END_CANCELLED,
    TASK_END_DONE,
    TASK_END_FAILED,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

MS = 1_000_000
# An await shorter than this is not worth a pair of records.
SHORT_AWAIT = 1 * MS
STACKS = 100
FEW_STACKS = 30
# Tasks told of in one period; of more made in it only those that something happens to.
CREATIONS = 200
LEAST_CREATIONS = 20
FIRST_CREATIONS = 1000
# Tasks made unseen that one look at a busy loop's tasks makes known.
MET = 20
# The same for looks at the steps of a period. What is kept of a task is one more object for the collector, which comes the
# sooner then and goes through all that is young: of tens of thousands of tasks that give way at every turn that is all they have.
FIRST_MET = 200
MET_IN_STEPS = 5
# Where a task stands that runs again at the next turn, for the same reason: frames are objects, too.
FEW_READY = 2
# Tasks that run their first step while they are made, since 3.12; it takes no longer than this, mostly.
EAGER = sys.version_info >= (3, 12)
FIRST_STEP = 50 * MS

# Places of what is kept of a task: lists by address, so that nothing of ours keeps a task alive.
ID, STACK, LOOP, DEFINED, OVER, MADE, SINCE, PLACE = range(8)

session: Any = None
# id(task) -> [task id, stack of its creation, loop's object id, defined, over, when it was made, when its last step ended or
# 0, stack where it is suspended or 0]
entries: Any = {}
# task id -> weak reference, of tasks that something is said of
_by_number: Dict[int, Any] = {}
_new_entry: Any = list
_stacks_left = FEW_STACKS
_ready_left = FEW_STACKS
_met_left = FIRST_MET
_creations_left = FIRST_CREATIONS
_share = budgets.Share(LEAST_CREATIONS, CREATIONS)
_task_types: Tuple[Any, ...] = ()
_current_tasks: Any = None
_running_loop: Any = None
_tasks_module: Any = None
# The names of asyncio.base_events, one of which says whether tasks are told of now.
_loop_names: Any = None


def install(active: Any) -> None:
    global session, entries, _new_entry
    session = active
    core: Any = active.native
    entries = {} if core is None else core.table()
    _new_entry = list if core is None else core.entry
    if core is not None:
        core.keep_entries(entries)
        active.patches.undo(lambda: core.keep_entries(None))
    active.patches.on_import("asyncio", _patch)


def uninstall() -> None:
    global session, _loop_names
    session = _loop_names = None
    actors.running_task = None
    waits.task_frames = None
    entries.clear()
    _by_number.clear()
    aio_live.known.clear()


def finish() -> None:
    """The program ends."""
    aio_left.finish()


def after_fork_child(active: Any) -> None:
    """Tasks of the parent that live on here are told of anew when they act."""
    global session
    session = active
    entries.clear()
    _by_number.clear()
    aio_live.known.clear()
    aio_waits.reset()


def _patch(asyncio: ModuleType) -> None:
    global _task_types, _current_tasks, _running_loop, _tasks_module, _loop_names
    if session is None:
        return
    tasks = sys.modules["asyncio.tasks"]
    base_events = sys.modules["asyncio.base_events"]
    _tasks_module = aio_live.module = tasks
    python_task = getattr(tasks, "_PyTask", None)
    _task_types = (tasks.Task,) if python_task is None else (tasks.Task, python_task)
    _current_tasks = current_tasks(tasks)
    aio_live.all_tasks = tasks.all_tasks if _current_tasks is None else None
    _running_loop = sys.modules["asyncio.events"]._get_running_loop
    actors.running_task = current_task_id
    waits.task_frames = frames_of_task
    loop = base_events.BaseEventLoop
    core: Any = session.native
    hooks = {
        "created": _created if core is None else core.created,
        "named": _named,
        "failed": aio_left.failed,
        "left_over": aio_left.left_over,
    }
    if core is None:
        _loop_names = vars(base_events)
        hooks.update(telling=True, entries=entries, another_was=_another_was)
    aio_edits.edit_tasks(loop, hooks, core is not None)


def arm(on: bool) -> None:
    """Full looks at steps, or none until the next period: see `aio_loop`."""
    global _stacks_left, _ready_left, _met_left
    full = session is not None and session.full
    _stacks_left = 0 if not on else STACKS if full else FEW_STACKS
    _ready_left = 0 if not on else STACKS if full else max(_ready_left, FEW_READY)
    _met_left = max(_met_left, MET_IN_STEPS)


def new_period() -> None:
    """The watcher opens a new period."""
    global _creations_left
    if session is not None and session.native is not None:
        session.native.allow_creations(_share.next())
        return
    _creations_left = max(_creations_left, _share.next())
    if _loop_names is not None:
        _loop_names["_interleave_telling"] = True


# -- who is who ------------------------------------------------------------------------------------------------------


def current_tasks(tasks: Any) -> Any:
    """asyncio's own table of what runs in each loop; None where C keeps that to itself, as it does since 3.14."""
    in_c = sys.modules.get("_asyncio")
    if in_c is not None and not hasattr(in_c, "_current_tasks") and in_c.Task is tasks.Task:
        return None
    return getattr(tasks, "_current_tasks", None)


def current_task_id() -> int:
    """Id of the task that runs in this thread, 0 when none does."""
    loop = _running_loop()
    if loop is None:
        return 0
    task = _task_of(loop)
    if task is None:
        return 0
    number = task_id(task)
    if number in aio_waits.seen:  # it runs, so what it was seen waiting for is over
        aio_waits.moved(number)
    return number


def running_task_id() -> int:
    """The same, while what it was seen waiting for is left to the caller: see `aio_waits.moved`."""
    loop = _running_loop()
    task = _task_of(loop) if loop is not None else None
    return task_id(task) if task is not None else 0


def task_in(ident: int) -> int:
    """The actor that the task is which runs in a thread, 0 when none does."""
    for numbers in list(aio_loop.running.values()):
        state = numbers[aio_loop.STATE]
        loop = state.loop() if state is not None and state.ident == ident else None
        if loop is not None:
            task = _task_of(loop)
            number = task_id(task) if task is not None else 0
            return TASK_BIT | number if number else 0
    return 0


def _task_of(loop: Any) -> Any:
    return (
        _current_tasks.get(loop) if _current_tasks is not None else _tasks_module.current_task(loop)
    )


def task_types() -> Tuple[Any, ...]:
    """asyncio's Task in C and in Python."""
    return _task_types


def task_id(task: Any) -> int:
    """Id of a task, also of one whose making was not seen; 0 for one that is over."""
    entry = entries.get(id(task))
    if entry is not None:
        return int(entry[ID])
    if session is None or not isinstance(task, _task_types) or task.done():
        return 0
    return int(_enter(task, 0)[ID])


def defined_task(task: Any) -> int:
    """Id of a task that something is said of: its name is written first."""
    number = task_id(task)
    entry = entries.get(id(task))
    if entry is not None and not entry[DEFINED]:
        entry[DEFINED] = True
        _by_number[number] = ref(task)
        name = _name_of(task)
        session.sink.task(number, name, entry[LOOP])
    return number


def _name_of(task: Any) -> str:
    name = getattr(task, "_name", None)  # a task of Python's own, or a subclass
    if name is None:
        name = task.get_name()
    return name if isinstance(name, str) else type(name).__name__


def _enter(task: Any, stack: int, coroutine: Any = None) -> List[Any]:
    sink = session.sink
    number = sink.new_task()
    if coroutine is None:
        # Never of a task that is over: 3.12 crashes on one that ended in its eager first step.
        coroutine = task.get_coro()
    name = getattr(coroutine, "__qualname__", None)
    text = sink.string(name if isinstance(name, str) else type(coroutine).__name__)
    loop = aio_loop.known_loop(task.get_loop())
    entry: List[Any] = _new_entry([number, stack, loop, False, False, monotonic_ns(), 0, 0])
    entries[id(task)] = entry
    if aio_live.all_tasks is not None:
        aio_live.known[id(task)] = ref(task)
    session.ring.emit(KIND_TASK_CREATE, 0, _actor_here(), number, stack, text)
    return entry


def _actor_here() -> int:
    loop = _running_loop()
    if loop is None:
        return actors.current()
    task = _task_of(loop)
    entry = entries.get(id(task)) if task is not None else None
    return TASK_BIT | int(entry[ID]) if entry is not None else actors.current_thread()


def _created(loop: Any, task: Any, name: Any, coroutine: Any) -> None:
    global _creations_left
    if session is None or not isinstance(task, _task_types):
        return
    if _creations_left <= 0 and not session.full:
        _another_was(task)
        if _creations_left == 0:
            _creations_left = -1
            _creations_used_up()
        return
    _creations_left -= 1
    _tell_created(loop, task, name, coroutine)


def _another_was(task: Any) -> None:
    """What is known of this address was another task's, which is gone; or this one's, which has run its first step."""
    entry = entries.get(id(task))
    now = monotonic_ns()
    if entry is not None and (entry[STACK] or entry[SINCE] or now - entry[MADE] > FIRST_STEP):
        vanished(id(task), entry, now)
    else:
        entries.pop(id(task), None)


def _creations_used_up() -> None:
    if _loop_names is not None:
        _loop_names["_interleave_telling"] = False
    session.say_partly("tasks", "Of tasks made thousands of times a second only a part is told of.")


def _tell_created(loop: Any, task: Any, name: Any, coroutine: Any) -> None:
    if session is None or not isinstance(task, _task_types):
        return
    entry = entries.get(id(task))
    # A task that runs its first step while it is made (eager) has been met already.
    if entry is None or entry[OVER] or entry[STACK] or entry[SINCE]:
        if entry is not None:
            vanished(id(task), entry, monotonic_ns())
        entry = _enter(task, creations.stack(_caller()), coroutine)
    else:
        entry[STACK] = creations.stack(_caller())
    if name is not None:
        _tell_name(entry, name)
    if EAGER and task.done():
        _ended(task, entry, monotonic_ns())


def _named(task: Any, name: Any) -> None:
    """A task that has just been made gets its name; nothing is said of one of very many."""
    entry = entries.get(id(task))
    if session is None or entry is None or entry[OVER] or not isinstance(task, _task_types):
        return
    if entry[STACK] and not entry[SINCE]:
        _tell_name(entry, name)


def _tell_name(entry: List[Any], name: Any) -> None:
    text = session.sink.string(name if isinstance(name, str) else "?")
    session.ring.emit(KIND_TASK_NAME, 0, TASK_BIT | entry[ID], text, 0, 0)


def _caller() -> Optional[FrameType]:
    """Who called create_task(), which has called us."""
    frame: Optional[FrameType] = sys._getframe(2)
    while frame is not None and frame.f_globals is globals():
        frame = frame.f_back
    return frame.f_back if frame is not None else None


# -- steps and ends --------------------------------------------------------------------------------------------------


def stepped(task: Any, began: int, now: int, long: bool) -> int:
    """A callback of this object has run; gives the task's id when it is one, 0 for one of very many that nothing is said of."""
    global _stacks_left, _ready_left, _met_left
    if not isinstance(task, _task_types):
        return 0
    entry = entries.get(id(task))
    if entry is None:
        if task.done():
            return 0
        if not long and not session.full:
            if _met_left <= 0:
                return 0
            _met_left -= 1
        entry = _enter(task, 0)
    number = int(entry[ID])
    place = entry[PLACE]
    # Only awaits that were noted with their place are told: a sample, when there are very many.
    if place:
        since, entry[PLACE] = entry[SINCE], 0
        if began - since >= SHORT_AWAIT and aio_loop.looked_at_since(since):
            emit_at = session.ring.emit_at
            emit_at(KIND_TASK_SUSPEND, 0, TASK_BIT | number, since, 0, place, 0)
            emit_at(KIND_TASK_RESUME, 0, TASK_BIT | number, began, entry[LOOP], 0, 0)
    if number in aio_waits.seen:
        aio_waits.moved(number)
    if task.done():
        if not entry[OVER]:
            _ended(task, entry, now)
        return number
    stack = 0
    if _stacks_left > 0 and (_ready_left > 0 or task._fut_waiter is not None):
        _stacks_left -= 1
        if task._fut_waiter is None:
            _ready_left -= 1
        stack = aio_waits.suspended_stack(task)
    entry[SINCE], entry[PLACE] = now, stack
    held = aio_waits.thread_locks_of(number)
    if held:
        if not stack:
            stack = aio_waits.suspended_stack(task)
        session.ring.emit_at(
            KIND_TASK_SUSPEND, 0, TASK_BIT | defined_task(task), now, held, stack, 0
        )
    return number


def suspended_since(task: Any) -> int:
    """When the task's last step ended, 0 when that was not seen."""
    entry = entries.get(id(task))
    since = int(entry[SINCE]) if entry is not None else 0
    return since if aio_loop.looked_at_since(since) else 0


def _ended(task: Any, entry: List[Any], at: int) -> None:
    entry[OVER] = True
    number = entry[ID]
    _by_number.pop(number, None)
    aio_waits.moved(number)
    ring, sink = session.ring, session.sink
    if task.cancelled():
        ring.emit_at(KIND_TASK_END, TASK_END_CANCELLED, TASK_BIT | number, at, entry[LOOP], 0, 0)
        entries.pop(id(task), None)
        aio_live.known.pop(id(task), None)
        return
    error = getattr(task, "_exception", None)
    if error is None:
        ring.emit_at(KIND_TASK_END, TASK_END_DONE, TASK_BIT | number, at, entry[LOOP], 0, 0)
        entries.pop(id(task), None)
        aio_live.known.pop(id(task), None)
        return
    # Kept: somebody may yet say that nobody asked for the failure.
    text = sink.string(errors.exception_text(error))
    ring.emit_at(
        KIND_TASK_END,
        TASK_END_FAILED,
        TASK_BIT | number,
        at,
        entry[LOOP],
        text,
        errors.raise_stack(sink, error),
    )


def scan(loop: Any, idle: bool = False) -> None:
    """Looks at the loop's tasks: what each waits for, and which are over unseen."""
    if session is not None:
        aio_waits.scan(loop, idle)


def vanished(address: int, entry: List[Any], at: int) -> None:
    """A task is gone whose end was not seen: how it ended is not known."""
    if entries.get(address) is entry:
        del entries[address]
    if not entry[OVER]:
        entry[OVER] = True
        _by_number.pop(entry[ID], None)
        aio_waits.moved(entry[ID])
        session.ring.emit_at(KIND_TASK_END, 0, TASK_BIT | entry[ID], at, entry[LOOP], 0, 0)


def found_over(task: Any, at: int) -> None:
    """A look at all tasks has met one that is over."""
    entry = entries.get(id(task))
    if entry is not None and not entry[OVER]:
        _ended(task, entry, at)


def frames_of_task(number: int) -> List[FrameType]:
    """Where a task stands: for the watcher, which asks for owners only."""
    weak = _by_number.get(number)
    task = weak() if weak is not None else None
    return aio_waits.frames_of(task) if task is not None else []
