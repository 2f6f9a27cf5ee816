"""What pending tasks wait for: read off their suspended coroutines from time to time, so that no await costs anything."""

from __future__ import annotations

import gc
from _weakref import ref
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType

from . import aio_describe, aio_live, aio_tasks, locks, waits
from .clock import monotonic_ns
from .kinds import RESULT_DONE, TASK_BIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

MS = 1_000_000
# An await becomes a wait on record when it has lasted this long.
LONG = 50 * MS
# Time one look at tasks may take: little in the loop's own thread, more while the loop has nothing to do.
BUSY_SLICE = 200_000
IDLE_SLICE = 10 * MS
MOST_WAITS = 1000
DEPTH = 64


class Seen:
    """One await of one task."""

    __slots__ = ("future", "since", "task", "token")

    def __init__(self, future: Any, since: int, task: Any) -> None:
        self.future = future
        self.since = since
        self.token = 0
        self.task = task


class Round:
    """One pass over the tasks of a loop, done in slices."""

    __slots__ = ("alive", "began", "met", "tasks")

    def __init__(self, tasks: List[Any], began: int) -> None:
        self.tasks = tasks
        self.began = began
        self.alive: Dict[int, bool] = {}
        self.met = 0


# task id -> its await
seen: Any = {}
_rounds: Dict[int, Round] = {}


def keep_in(core: Any) -> None:
    """Where awaits are kept: in a table of the native core, or in a dict."""
    global seen
    seen = {} if core is None else core.table()


def reset() -> None:
    seen.clear()
    _rounds.clear()


def moved(number: int) -> bool:
    """The task has run: what it waited for is over. True when that was on record."""
    one: Optional[Seen] = seen.pop(number, None)
    if one is None or not one.token:
        return False
    waits.end(one.token, RESULT_DONE)
    return True


def forget(loop: Any) -> None:
    """The loop has stopped: the pass begun is not gone on with."""
    _rounds.pop(id(loop), None)


def last_look(loop: Any) -> None:
    """The loop closes: tells of the ends that no look has found yet. Those still pending are somebody else's to tell."""
    entries = aio_tasks.entries
    now = monotonic_ns()
    # By way of aio_tasks, as below.
    loop_number = aio_tasks.aio_loop.loop_id(loop)  # type: ignore[attr-defined]
    alive = {}
    for weak in aio_live.live_tasks(loop):
        task = weak() if isinstance(weak, ref) else weak
        if task is None or task.get_loop() is not loop:
            continue
        if task.done():
            aio_tasks.found_over(task, now)
        else:
            alive[id(task)] = True
    for address, entry in list(entries.items()):
        if address not in alive and entry[aio_tasks.LOOP] == loop_number:
            aio_tasks.vanished(address, entry, now)


# -- where a task stands ---------------------------------------------------------------------------------------------


def frames_of(task: Any) -> List[FrameType]:
    """Frames of a suspended task, innermost first; of a running one only those that are suspended too."""
    frames: List[FrameType] = []
    if task.done():
        return frames
    node: Any = task.get_coro()
    depth = 0
    while node is not None and depth < DEPTH:
        depth += 1
        frame, node = _next(node)
        if frame is not None:
            frames.append(frame)
    frames.reverse()
    return frames


def _next(node: Any) -> Tuple[Optional[FrameType], Any]:
    kind = type(node)
    if kind is CoroutineType:
        return node.cr_frame, node.cr_await
    if kind is GeneratorType:
        return node.gi_frame, node.gi_yieldfrom
    if kind is AsyncGeneratorType:
        return node.ag_frame, node.ag_await
    if kind.__name__ == "FutureIter" or hasattr(kind, "_asyncio_future_blocking"):
        return None, None
    # Wrappers such as an async generator's `asend` hide what they drive from Python, not from the collector.
    for inner in gc.get_referents(node):
        if type(inner) in (CoroutineType, GeneratorType, AsyncGeneratorType):
            return None, inner
    frame = getattr(node, "cr_frame", None)
    return (
        (frame, getattr(node, "cr_await", None)) if isinstance(frame, FrameType) else (None, None)
    )


def stack_of_frames(frames: List[FrameType]) -> int:
    sink = aio_tasks.session.sink
    return int(sink.stack_of([site for site in map(sink.place, frames) if site]))


def suspended_stack(task: Any) -> int:
    """Id of the stack where a task is suspended."""
    return stack_of_frames(frames_of(task))


def thread_locks_of(number: int) -> int:
    """Object id of a thread's lock that the task holds while it is suspended, 0 for none."""
    actor = TASK_BIT | number
    core = aio_tasks.session.native
    if core is not None and not core.holds(actor):
        return 0
    chain = locks.held(actor)
    return int(chain[-1][0]) if chain else 0


# -- the look at all tasks -------------------------------------------------------------------------------------------


def scan(loop: Any, idle: bool = False) -> None:
    """A slice of the current pass over the loop's tasks."""
    began = monotonic_ns()
    key = id(loop)
    turn = _rounds.get(key)
    if turn is None:
        turn = _rounds[key] = Round(aio_live.live_tasks(loop), began)
    until = began + (IDLE_SLICE if idle else BUSY_SLICE)
    go_on = _by_core if aio_tasks.session.native is not None else _by_python
    if go_on(turn, loop, until, idle) and _rounds.pop(key, None) is turn:
        _sweep(turn, loop)


def _by_python(turn: Round, loop: Any, until: int, idle: bool) -> bool:
    """True when the pass is done."""
    tasks = turn.tasks
    began = monotonic_ns()
    count = 0
    while tasks:
        try:
            entry = tasks.pop()
        except IndexError:  # the loop's thread and the watcher do the same pass
            break
        task = entry() if isinstance(entry, ref) else entry
        if task is not None:
            turn.alive[id(task)] = True
            if task.get_loop() is loop:
                known = id(task) in aio_tasks.entries
                # While the loop is busy only a few more become known: the others when it has nothing to do.
                turn.met += not known
                if known or idle or turn.met <= aio_tasks.MET:
                    _look(task, began)
        count += 1
        if count & 15 == 0 and monotonic_ns() > until:
            return False
    return True


def _by_core(turn: Round, loop: Any, until: int, idle: bool) -> bool:
    """The same by the native core, which finds the tasks that there is something to say of."""
    notable = aio_tasks.session.native.notable
    now = monotonic_ns()
    while True:
        task = notable(turn.tasks, loop, now, until, idle or turn.met < aio_tasks.MET)
        if task is None:
            return not turn.tasks
        if type(task) not in aio_tasks.task_types() and task.get_loop() is not loop:
            continue
        turn.met += id(task) not in aio_tasks.entries
        _look(task, now)
        if monotonic_ns() > until:
            return not turn.tasks


def _sweep(turn: Round, loop: Any) -> None:
    """Tasks that were known when the pass began and that nobody has met in it are gone."""
    # By way of aio_tasks, which has it already: importing it here would be a circle.
    loop_number = aio_tasks.aio_loop.loop_id(loop)  # type: ignore[attr-defined]
    now = monotonic_ns()
    entries = aio_tasks.entries
    if hasattr(entries, "unmet"):  # the native core's, which ends the usual ones itself
        gone = entries.unmet(loop_number, turn.began, now)
    else:
        gone = [
            (address, entry)
            for address, entry in list(entries.items())
            if address not in turn.alive
            and entry[aio_tasks.LOOP] == loop_number
            and entry[aio_tasks.MADE] < turn.began
        ]
    for address, entry in gone:
        aio_tasks.vanished(address, entry, now)


def _look(task: Any, now: int) -> None:
    if task.done():
        aio_tasks.found_over(task, now)
        return
    number = aio_tasks.task_id(task)
    one: Optional[Seen] = seen.get(number)
    future = task._fut_waiter
    if future is None:
        if one is not None:
            moved(number)
        return
    if one is not None:
        known = one.future() if isinstance(one.future, ref) else one.future
        if known is future or known == id(future):
            if not one.token and now - one.since >= LONG and len(waits.open_waits) < MOST_WAITS:
                _open(number, task, one)
            return
        moved(number)
    since = aio_tasks.suspended_since(task) or now
    try:
        weak: Any = ref(future)
    except TypeError:
        weak = id(future)
    one = seen[number] = Seen(weak, since, ref(task))
    if now - since >= LONG and len(waits.open_waits) < MOST_WAITS:
        _open(number, task, one)


def _open(number: int, task: Any, one: Seen) -> None:
    aio_tasks.defined_task(task)
    frames = frames_of(task)
    found = aio_describe.describe(task, frames)
    owners = None
    if found.owned:
        weak = one.task

        def owners(_: int) -> Sequence[Tuple[int, ...]]:
            waiting = weak()
            if waiting is None or waiting.done() or waiting._fut_waiter is None:
                return []
            return aio_describe.describe(waiting, frames_of(waiting)).owners()

    token = waits.begin(
        found.op,
        found.object,
        stack_of_frames(frames),
        found.timeout,
        actor=TASK_BIT | number,
        owners=owners,
        since=one.since,
    )
    if token:  # else another thread has opened it meanwhile
        one.token = token
        if seen.get(number) is not one:  # the task has run meanwhile, and nobody else would end it
            waits.end(token, RESULT_DONE)
