"""asyncio's locks, semaphores, queues and futures as objects of the recording: their ids, and who holds them."""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ref
from functools import partial

from . import actors, aio_loop, aio_tasks, aio_waits, creations, locks, objects
from .clock import monotonic_ns
from .kinds import (
    ACQUIRE_WAITED,
    KIND_HOLD,
    KIND_NEST,
    KIND_WAIT_BEGIN,
    KIND_WAIT_END,
    KIND_WAIT_OWNER,
    OWNER_HOLDER,
    RESULT_DONE,
    TASK_BIT,
    WAIT_ACQUIRE,
    WAIT_SEMAPHORE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set, Tuple

    # (task id or 0, stack of the acquire, when, id(object), weak reference to it)
    Hold = Tuple[int, int, int, int, Any]

MS = 1_000_000
# What is held shorter, or waited for shorter, goes into the counts only.
SHORT = 1 * MS
# So many tasks may tell of the same nesting; one more says nothing new.
TELLERS = 16
# From so many tasks that hold something on it is looked whether they still do.
MANY = 64


class Stats:
    """Totals of one lock that something is said of."""

    __slots__ = ("acquires", "contended", "hold_us", "id", "told", "wait_us")

    def __init__(self, id: int) -> None:
        self.id = id
        self.acquires = 0
        self.contended = 0
        self.wait_us = 0
        self.hold_us = 0
        self.told = (0, 0)


_types: List[Tuple[type, str]] = []
# id(object) -> its creation, its capacity and what says that it has died
_made: "Dict[int, Tuple[creations.Made, int, ref[Any]]]" = {}
# Where the core is Python, what has a lock or a semaphore is kept in it under this name: a Hold, or the task's address alone when
# the period's budget of looks is used up; of a semaphore a list of them.
BY = "_interleave_by"
# Of the native core: id(lock) -> the same.
holders: Any = {}
# id(semaphore) -> holds, or the only one itself
permits: Any = {}
# Semaphores that others release than have acquired: signals, held by nobody.
_signals: Set[int] = set()
# task id -> what it waits for, as a hold: of the task that had it then, where, since when the wait, which object
_blocked: Any = {}
# task id -> its holds; of the native core also the only one itself
_held: Any = {}
_many = MANY
_told: Dict[Tuple[Any, ...], int] = {}
# id(lock) -> Stats
stats: Any = {}
_new_stats: Any = Stats
# Of those that have died since the totals were told last.
untold: List[Any] = []


class _Hold(tuple):  # type: ignore[type-arg]
    """A Hold in a lock that is pickled or copied: nothing of it goes along."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return int, ()


def _python_hold(task: int, stack: int, at: int, thing: Any) -> Hold:
    return _Hold((task, stack, at, id(thing), ref(thing)))


_new_hold: Any = _python_hold


def keep_in(core: Any) -> None:
    """Where all of this is kept: in tables of the native core, or in dicts and in the locks themselves."""
    global holders, permits, _blocked, _held, stats, _new_stats, _new_hold
    table = dict if core is None else core.table
    holders, permits, _blocked, _held, stats = table(), table(), table(), table(), table()
    _new_stats = Stats if core is None else core.stats
    _new_hold = _python_hold if core is None else core.hold


def set_types(types: List[Tuple[type, str]]) -> None:
    _types[:] = types


def reset() -> None:
    for table in (_made, holders, permits, _blocked, _held, _told, stats):
        table.clear()
    _signals.clear()


def type_of(thing: Any) -> str:
    """`Lock`, `Semaphore`, … for asyncio's own and their subclasses, else empty."""
    for kind, name in _types:
        if isinstance(thing, kind):
            return name
    return ""


def made(thing: Any, capacity: int) -> None:
    """One has been made: remembers where."""
    if aio_tasks.session is not None:
        frame = sys._getframe(2)
        made = creations.made(creations.stack(frame), frame, type_of(thing))
        address = id(thing)
        _made[address] = (made, capacity, ref(thing, partial(_ended, address)))


def _ended(address: int, weak: Any) -> None:
    """One has died: another may come to lie there, and must not be taken for it."""
    entry = _made.get(address)
    if entry is None or entry[2] is not weak:
        return
    del _made[address]
    _signals.discard(address)
    holders.pop(address, None)
    permits.pop(address, None)
    about = stats.pop(address, None)
    if about is not None:
        untold.append(about)


def object_of(thing: Any) -> int:
    """Object id of one of asyncio's primitives, 0 for anything else."""
    name = type_of(thing)
    if not name:
        return 0

    def make() -> int:
        made, capacity = _made.get(id(thing), (creations.NOWHERE, 0))[:2]
        return int(
            aio_tasks.session.sink.object(
                name,
                "asyncio",
                made[0],
                address=hex(id(thing)),
                capacity=capacity if type(capacity) is int and capacity > 0 else None,
                **creations.which(made),
            )
        )

    return objects.object_id(thing, make)


def future_of(future: Any) -> int:
    """Object id of a future."""
    return objects.object_id(
        future,
        lambda: int(aio_tasks.session.sink.object("Future", "asyncio", 0, address=hex(id(future)))),
    )


def owners_of(thing: Any) -> List[Tuple[int, ...]]:
    """Who holds a lock, and since when, or the permits of a semaphore, as far as known."""
    if id(thing) in _signals or not getattr(thing, "_locked", True):
        return []
    found: List[Tuple[int, ...]] = []
    is_lock = hasattr(thing, "_locked")
    for hold in _holds_of(thing)[:32]:
        number, stack = _holder(hold)
        if number:
            since = (hold[2],) if is_lock and type(hold) is not int else ()
            found.append((OWNER_HOLDER, TASK_BIT | number, stack, *since))
    return found


def _holder(hold: Any) -> Tuple[int, int]:
    if type(hold) is not int:
        return hold[0], hold[1]
    entry = aio_tasks.entries.get(hold)
    return (entry[aio_tasks.ID], 0) if entry is not None else (0, 0)


def held_by(actor: int) -> List[Tuple[int, int]]:
    """What a task holds, outermost first: pairs of object id and stack of the acquire."""
    return _chain(_still_held(actor & ~TASK_BIT)) if actor & TASK_BIT else []


def _holds_of(thing: Any) -> List[Any]:
    """All that is known of who has a lock, or permits of a semaphore: of that the list itself."""
    held = getattr(thing, BY, None)
    if held is None:  # of the native core
        held = holders.get(id(thing))
        if held is None:
            held = permits.get(id(thing))
    return [] if held is None else held if type(held) is list else [held]


def _still_held(task: int) -> List[Hold]:
    held = _held.get(task)
    if not held:
        return []
    if type(held) is not list:
        held = [held]
    # One that was released while nobody looked is no longer the hold its lock knows.
    valid = [hold for hold in held if any(hold is one for one in _holds_of(hold[4]()))]
    if valid:
        _held[task] = valid
    else:
        _held.pop(task, None)
    return valid


# -- called by the edited primitives ---------------------------------------------------------------------------------


def blocked(thing: Any) -> None:
    """A task is about to wait for a lock or a permit."""
    task = aio_tasks.current_task_id() if aio_tasks.session is not None else 0
    if task:
        held = _holds_of(thing)
        owner, where = _holder(held[0]) if held and id(thing) not in _signals else (0, 0)
        _blocked[task] = _new_hold(owner, where, monotonic_ns(), thing)


def got(lock: Any) -> Any:
    """A lock has been taken; gives what is kept of it."""
    if aio_tasks.session is None:
        return None
    return _taken(lock, WAIT_ACQUIRE)


def got_permit(semaphore: Any) -> None:
    """A permit of a semaphore has been taken."""
    if aio_tasks.session is None:
        return
    held = _holds_of(semaphore)
    if aio_tasks.session.native is None:
        semaphore._interleave_by = held
    else:
        permits[id(semaphore)] = held
    held.append(_taken(semaphore, WAIT_SEMAPHORE))


def _taken(thing: Any, op: int) -> Hold:
    aio_loop.spend(2)
    now = monotonic_ns()
    task = aio_tasks.running_task_id()
    told = task in aio_waits.seen and aio_waits.moved(task)
    address = id(thing)
    waited = _blocked.pop(task, None)
    if waited is not None and waited[3] != address:
        waited = None
    stack = creations.stack(sys._getframe(3))
    hold: Hold = _new_hold(task, stack, now, thing)
    about = stats.get(address)
    if waited is not None:
        if about is None:
            about = stats[address] = _new_stats(object_of(thing))
            # Those before that are sure: of the lock that somebody had, of all the permits there were.
            capacity = _made.get(address, (None, 0))[1]
            about.acquires = 1 if op == WAIT_ACQUIRE else capacity if type(capacity) is int else 0
        about.contended += 1
        about.wait_us += max(now - waited[2], 0) // 1000
        if not told and now - waited[2] >= SHORT:
            _say_wait(task, about.id, op, stack, waited, now)
    if about is not None:
        about.acquires += 1
    if task:
        outer = _still_held(task)
        chain = _thread_locks(task)
        if outer:
            chain = chain + _chain(outer)
        if chain:
            _say_nest(task, object_of(thing), stack, chain, waited is not None)
        if outer:
            outer.append(hold)
        else:
            _held[task] = [hold]
        if len(_held) > _many:
            _look_who_holds()
    return hold


def _look_who_holds() -> None:
    """Of tasks that gave back what they held while nobody looked, and have ended, nobody would ask again."""
    global _many
    for task in list(_held):
        _still_held(task)
    _many = MANY + 2 * len(_held)


def _chain(held: List[Hold]) -> List[Tuple[int, int]]:
    """Pairs of object id and stack of the acquire, outermost first."""
    return [(object_of(hold[4]()), hold[1]) for hold in held]


def _thread_locks(task: int) -> List[Tuple[int, int]]:
    actor = TASK_BIT | task
    core = aio_tasks.session.native
    if core is not None and not core.holds(actor):
        return []
    return list(locks.held(actor))


def _say_wait(task: int, number: int, op: int, stack: int, waited: Hold, now: int) -> None:
    owner, where, since = waited[0], waited[1], waited[2]
    emit_at = aio_tasks.session.ring.emit_at
    actor = TASK_BIT | task
    emit_at(KIND_WAIT_BEGIN, op, actor, since, number, stack, 0)
    if owner:
        emit_at(KIND_WAIT_OWNER, OWNER_HOLDER, actor, since, number, where, TASK_BIT | owner)
    emit_at(KIND_WAIT_END, RESULT_DONE, actor, now, number, stack, 0)


def _say_nest(
    task: int, number: int, stack: int, chain: List[Tuple[int, int]], waited: bool
) -> None:
    key = (tuple(stack for _, stack in chain), tuple(held for held, _ in chain), number, stack)
    tellers = _told.get(key, 0)
    if tellers >= TELLERS:
        return
    if len(_told) > 20_000:
        _told.clear()
    _told[key] = tellers + 1
    session = aio_tasks.session
    session.ring.emit(
        KIND_NEST,
        ACQUIRE_WAITED if waited else 0,
        TASK_BIT | task,
        number,
        stack,
        session.sink.chain(chain),
    )


def freed(lock: Any) -> None:
    """A lock has been released."""
    hold = getattr(lock, BY, None)
    if hold is None:
        hold = holders.pop(id(lock), None)
    else:
        lock._interleave_by = None
    if hold is not None and type(hold) is not int and aio_tasks.session is not None:
        _released(lock, hold)


def freed_permit(semaphore: Any) -> None:
    """A permit has been given back, by whom it may be."""
    held = _holds_of(semaphore)
    if not held:
        _signals.add(id(semaphore))
        return
    if id(semaphore) in permits:
        permits[id(semaphore)] = held  # the only one has been no list
    if len(held) == 1:
        gave(semaphore, held.pop())
        return
    task = aio_tasks.current_task_id() if aio_tasks.session is not None else 0
    mine = next((hold for hold in held if _holder(hold)[0] == task), None)
    if mine is None:
        mine = held[0]
    held[:] = [hold for hold in held if hold is not mine]
    gave(semaphore, mine)


def gave(semaphore: Any, hold: Any) -> None:
    """This is no longer among what its permits are held by."""
    if type(hold) is not int and aio_tasks.session is not None:
        _released(semaphore, hold)


def _released(thing: Any, hold: Hold) -> None:
    now = monotonic_ns()
    took = now - hold[2]
    about = stats.get(id(thing))
    if about is not None:
        about.hold_us += took // 1000
    if hold[0]:
        held = _held.get(hold[0])
        if type(held) is list:
            held[:] = [item for item in held if item is not hold]
        if not held or held is hold:
            _held.pop(hold[0], None)
    if took >= SHORT:
        if about is None:
            about = stats[id(thing)] = _new_stats(object_of(thing))
            # Those who have a permit still have got theirs as well.
            about.acquires, about.hold_us = len(_holds_of(thing)) + 1, took // 1000
        actor = TASK_BIT | hold[0] if hold[0] else actors.thread_id(get_ident())
        aio_tasks.session.ring.emit_at(
            KIND_HOLD, 0, actor, now, about.id, hold[1], min(took // 1000, 0xFFFFFFFF)
        )


def forget_blocked() -> None:
    """Nobody will look at the next acquires: what has begun to wait is not told."""
    _blocked.clear()
