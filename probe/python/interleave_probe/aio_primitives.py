"""asyncio's Lock, Semaphore, Condition, Event, Barrier and queues: their making, their owners, their depth."""

from __future__ import annotations

import sys
from _weakref import ref
from functools import partial
from types import ModuleType

from . import aio_objects, aio_tasks, edits
from .kinds import KIND_COUNTS, KIND_QUEUE_COUNTS, KIND_QUEUE_DEPTH, KIND_TOTALS
from .queue_fill import Fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

SECOND = 1_000_000_000
MOST_QUEUES = 1000
MASK = 0xFFFF_FFFF

session: Any = None
_locks: Optional[Dict[str, Any]] = None
# Gives the running task in any thread; gives what asks for that of one loop, which takes a fifth of the time.
_ask: Any = None
_ask_of: Any = None
# id(queue) -> (weak reference, how full it was last)
_queues: "Dict[int, Tuple[Any, Fill]]" = {}
# Those that have died since the last look with more or less in them than was written.
_ended: "List[Fill]" = []
# id(queue) -> items said to be done. Together with what the queue knows itself they give what was put and got, and cost
# only those programs something that call task_done().
_done: Dict[int, int] = {}
_counts_at = 0
_depths_at = 0


def install(active: Any) -> None:
    global session
    session = active
    active.patches.on_import("asyncio", _patch)


def uninstall() -> None:
    global session, _locks, _ask, _ask_of
    finish()
    session = None
    _locks = _ask = _ask_of = None
    aio_objects.reset()
    _queues.clear()
    _ended.clear()
    _done.clear()


def after_fork_child(active: Any) -> None:
    global session
    session = active
    aio_objects.stats.clear()
    aio_objects.untold.clear()
    _ended.clear()
    for address, (weak, _) in list(_queues.items()):
        _queues[address] = (weak, Fill())


def arm(on: bool) -> None:
    """Full looks at acquires, or owners only until the next period: see `aio_loop`."""
    if _locks is not None:
        _locks["_interleave_on"] = on
        if session is not None and session.native is not None:
            session.native.look_at_primitives(on)
    if not on:
        aio_objects.forget_blocked()


def only_loop(loop: Any) -> None:
    """The one loop that runs, so that its running task is the running task; None when there may be others."""
    if _locks is not None and _ask_of is not None and session.native is None:
        _locks["_interleave_task"] = _ask if loop is None else _ask_of(loop)


def _patch(asyncio: ModuleType) -> None:
    global _locks, _ask, _ask_of
    locks, queues = sys.modules.get("asyncio.locks"), sys.modules.get("asyncio.queues")
    if session is None or locks is None or queues is None:
        return
    a: Any = locks
    q: Any = queues
    types = [(a.Lock, "Lock"), (a.Condition, "Condition"), (a.BoundedSemaphore, "BoundedSemaphore")]
    types += [(a.Semaphore, "Semaphore"), (a.Event, "Event"), (q.PriorityQueue, "PriorityQueue")]
    types += [(q.LifoQueue, "LifoQueue"), (q.Queue, "Queue")]
    if hasattr(a, "Barrier"):
        types.append((a.Barrier, "Barrier"))
    aio_objects.set_types(types)
    _locks = vars(locks)
    aio_objects.keep_in(session.native)
    tasks = sys.modules["asyncio.tasks"]
    current = aio_tasks.current_tasks(tasks)
    current_task = current.get if current is not None else _current_task(tasks)
    running_loop = sys.modules["asyncio.events"]._get_running_loop
    _ask = lambda: current_task(running_loop())  # noqa: E731
    _ask_of = None if current is None else lambda loop: partial(current_task, loop)
    hooks: Dict[str, Any] = {
        "made": aio_objects.made,
        "queue": _queue_made,
        "done": _done,
        "blocked": aio_objects.blocked,
        "got": aio_objects.got,
        "got_permit": aio_objects.got_permit,
        "freed": aio_objects.freed,
        "freed_permit": aio_objects.freed_permit,
        "gave": aio_objects.gave,
        "task": _ask,
        "on": True,
    }
    waiting = "if _interleave_on: _interleave_blocked(self)"
    # Who has it is kept in the lock itself: to look it up by its address would take three times as long.
    got = (
        "self._interleave_by = _interleave_got(self) if _interleave_on else id(_interleave_task())"
    )
    freed = "if _interleave_on: _interleave_freed(self)\nelse: self._interleave_by = None"
    permit = (
        "if _interleave_on or self._interleave_by is None: _interleave_got_permit(self)\n"
        "else: self._interleave_by.append(id(_interleave_task()))"
    )
    given_back = (
        "_interleave_p = self._interleave_by\n"
        "if _interleave_on or not _interleave_p: _interleave_freed_permit(self)\n"
        "elif len(_interleave_p) == 1:\n"
        " _interleave_p = _interleave_p.pop()\n"
        " if type(_interleave_p) is not int: _interleave_gave(self, _interleave_p)\n"
        "else:\n"
        " try:\n  _interleave_p.remove(id(_interleave_task()))\n"
        " except ValueError:\n  _interleave_freed_permit(self)"
    )
    core = _watch_natively(hooks)
    if core is not None:  # it knows itself whether it is to look
        for name in ("blocked", "got", "got_permit", "freed", "freed_permit"):
            hooks[name] = getattr(core, name)
        waiting = "_interleave_blocked(self)"
        got, permit = "_interleave_got(self)", "_interleave_got_permit(self)"
        freed, given_back = "_interleave_freed(self)", "_interleave_freed_permit(self)"
    else:
        for kind in (a.Lock, a.Semaphore):
            session.patches.replace(kind, aio_objects.BY, None)
    blocks = ("self._waiters.append(fut)", "after", waiting)
    done = edits.edit(a.Lock.acquire, [("self._locked = True", "after", got), blocks], hooks)
    done &= edits.edit(a.Lock.release, [("self._locked = False", "after", freed)], hooks)
    done &= edits.edit(a.Semaphore.acquire, [("return True", "before", permit), blocks], hooks)
    done &= edits.edit(
        a.Semaphore.release,
        [("self._value += 1", "after", given_back)],
        hooks,
    )
    for kind, capacity in (
        (a.Lock, "0"),
        (a.Condition, "0"),
        (a.Event, "0"),
        (a.Semaphore, "value"),
    ):
        edits.edit(kind.__init__, [("", "first", f"_interleave_made(self, {capacity})")], hooks)
    if hasattr(a, "Barrier"):
        edits.edit(a.Barrier.__init__, [("", "first", "_interleave_made(self, parties)")], hooks)
    edits.edit(
        q.Queue.task_done,
        [
            (
                "self._unfinished_tasks -= 1",
                "after",
                "_interleave_done[id(self)] = _interleave_done.get(id(self), 0) + 1",
            )
        ],
        hooks,
    )
    edits.edit(q.Queue.__init__, [("", "first", "_interleave_queue(self, maxsize)")], hooks)
    if not done:
        session.say_blind("asyncio's own source is not there: owners of its locks are not known.")


def _watch_natively(hooks: Dict[str, Any]) -> Any:
    """The native core notes the usual acquires and releases itself; None where it does not run."""
    core: Any = session.native
    if core is None:
        return None
    core.watch_tasks(
        {
            "tell_created": aio_tasks._tell_created,
            "creations_used_up": aio_tasks._creations_used_up,
            "holders": aio_objects.holders,
            "permits": aio_objects.permits,
            "signals": aio_objects._signals,
            "blocked_tasks": aio_objects._blocked,
            "held_tasks": aio_objects._held,
            "stats": aio_objects.stats,
            "blocked": hooks["blocked"],
            "got": hooks["got"],
            "got_permit": hooks["got_permit"],
            "freed": hooks["freed"],
            "freed_permit": hooks["freed_permit"],
            "loop": sys.modules["asyncio.events"]._get_running_loop,
        }
    )
    session.patches.undo(lambda: core.watch_tasks(None))
    core.allow_creations(aio_tasks.FIRST_CREATIONS)
    core.look_at_primitives(True)
    return core


def _current_task(tasks: Any) -> Callable[[Any], Any]:
    """For versions that keep the running task in C: never raises, unlike asking without a running loop."""

    def current(loop: Any) -> Any:
        return None if loop is None else tasks.current_task(loop)

    return current


def _queue_made(queue: Any, capacity: Any) -> None:
    if session is None:
        return
    aio_objects.made(queue, capacity if type(capacity) is int else 0)
    if len(_queues) < MOST_QUEUES:
        address = id(queue)
        _queues[address] = (ref(queue, lambda weak: _forget_queue(address, weak)), Fill())
        _done.pop(address, None)


def _forget_queue(address: int, weak: Any) -> None:
    entry = _queues.get(address)
    if entry is not None and entry[0] is weak:
        del _queues[address]
        _done.pop(address, None)
        entry[1].ends(_ended)


@edits.quiet
def watch(now: int, frames: Any = None) -> None:
    """Depths of queues that have changed, 20 times a second at most; totals of locks once a second."""
    global _counts_at, _depths_at
    if session is None or _locks is None:
        return
    if now - _depths_at >= SECOND // 20:
        _depths_at = now
        _tell_depths()
    if now - _counts_at >= SECOND:
        _counts_at = now
        _tell_totals()


def _tell_depths() -> None:
    for address, (weak, fill) in list(_queues.items()):
        queue = weak()
        items = getattr(queue, "_queue", None)
        if items is None:
            continue
        depth, unfinished = len(items), int(getattr(queue, "_unfinished_tasks", 0))
        if fill.changes(items, depth, unfinished, unfinished + _done.get(address, 0)):
            fill.id = aio_objects.object_of(queue)
            _tell_depth(fill)
        del queue, items
    while _ended:
        _tell_depth(_ended.pop())


def _tell_depth(fill: Fill) -> None:
    emit = session.ring.emit
    emit(KIND_QUEUE_DEPTH, 0, 0, fill.id, fill.depth, fill.unfinished)
    emit(KIND_QUEUE_COUNTS, 0, 0, fill.id, fill.put & MASK, max(fill.put - fill.depth, 0) & MASK)


def _tell_totals() -> None:
    emit = session.ring.emit
    ended, aio_objects.untold[:] = list(aio_objects.untold), []
    for about in ended + list(aio_objects.stats.values()):
        now = (about.acquires, about.contended)
        if now != about.told:
            about.told = now
            emit(KIND_COUNTS, 0, 0, about.id, about.acquires & MASK, about.contended & MASK)
            emit(KIND_TOTALS, 0, 0, about.id, about.wait_us & MASK, about.hold_us & MASK)


def finish() -> None:
    """The program ends: the last totals."""
    if session is not None and _locks is not None:
        _tell_depths()
        _tell_totals()
