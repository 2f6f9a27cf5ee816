"""What is known of the program's locks where the hooks are Python: who holds which, and what is nested in what."""

from __future__ import annotations

import _thread
from _thread import get_ident
from _weakref import ref
from types import FrameType

from . import actors, creations, internals
from .clock import monotonic_ns
from .kinds import (
    ACQUIRE_WAITED,
    KIND_ACQUIRE,
    KIND_COUNTS,
    KIND_HOLD,
    KIND_NEST,
    KIND_RELEASE,
    KIND_TOTALS,
)
from .sink import enough_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple

    from .recorded import Session

    # The lock, identity of its thread, actor, stack, what the actor holds, time, era.
    About = Tuple["Lock", int, int, int, List["Lock"], int, int]

RLockType = _thread.RLock
LONG_HOLD = 1_000_000


class Lock:
    """What is known of one lock of the program."""

    __slots__ = (
        "chain",
        "contended",
        "count",
        "depth",
        "dirty",
        "era",
        "flags",
        "held_stack",
        "hold_ns",
        "id",
        "ident",
        "internal",
        "kind",
        "made",
        "owner",
        "part_of",
        "sharers",
        "since",
        "stack",
        "told",
        "wait_ns",
        "weak",
    )

    weak: ref[Any]

    def __init__(self, kind: str) -> None:
        self.kind = kind
        # Of what was held when it was taken the last time.
        self.id = self.stack = self.chain = 0
        self.made = creations.NOWHERE
        self.internal = False
        self.owner = self.ident = self.held_stack = self.since = self.depth = self.era = (
            self.flags
        ) = 0
        self.count = self.contended = self.wait_ns = self.hold_ns = 0
        # Whether the acquire was recorded, and the release will be.
        self.told = self.dirty = False
        self.part_of = 0
        self.sharers = 0


session: "Optional[Session]" = None
locks: Dict[int, Lock] = {}
# actor -> locks it holds, outermost first
held: Dict[int, List[Lock]] = {}
_nested: Set[Tuple[int, int, int, int]] = set()
# How often locks made and taken at these places were nested: after some hundred times the next ones tell nothing new.
_alike: Dict[Tuple[int, int, int], int] = {}
_ENOUGH = 300
_dirty: List[Lock] = []
# Grows with each arming and disarming of the hooks: an owner noted in an earlier era may have let go unseen.
era = 1


def next_era() -> None:
    """The hooks come or go."""
    global era
    era += 1


def forget() -> None:
    """Nothing is known of any lock."""
    locks.clear()
    held.clear()
    _nested.clear()
    _alike.clear()
    _dirty.clear()


def know(lock: Any, kind: str) -> Lock:
    address = id(lock)
    known = locks.get(address)
    if known is None or known.weak() is not lock:
        known = Lock(kind)
        known.weak = ref(lock, _Forget(address))
        locks[address] = known
    return known


class _Forget:
    """Drops a dead lock, whoever held it."""

    __slots__ = ("_address",)

    def __init__(self, address: int) -> None:
        self._address = address

    def __call__(self, weak: "ref[Any]") -> None:
        if locks is None:
            return
        known = locks.get(self._address)
        if known is not None and known.weak is weak:
            del locks[self._address]
            if known.depth:
                let_go(known)


def about(lock: Any, kind: str, frame: Optional[FrameType]) -> "Optional[About]":
    """What there is to say if this thread takes the lock now; None for one that is not looked at.

    Asked for before the lock is taken: while Python code runs the GIL may go to others, who then wait for the lock as
    well, and threads that have begun to wait for a hot lock go on waking each other for ever.
    """
    active = session
    if active is None or frame is None:
        return None
    role = internals.role(frame)
    if role == internals.HIDDEN:
        return None
    known = know(lock, kind)
    if role:
        known.internal = True
    if not known.dirty and known.id:
        known.dirty = True
        _dirty.append(known)
    actor = actors.current()
    return (
        known,
        get_ident(),
        actor,
        active.sink.stack(frame),
        held.get(actor) or [],
        monotonic_ns(),
        era,
    )


def taken(what: "About", flags: int) -> None:
    """Runs right after a lock was taken: nothing is called without need, as only calls let other threads in."""
    known, ident, actor, stack, chain, at, then = what
    active = session
    if then != era:  # what was held then may have been let go unseen
        chain = []
    if known.depth:
        if known.era == era and known.ident == ident and known.kind == "RLock":
            known.depth += 1
            return
        let_go(known)  # whoever held it let go unseen
    known.count += 1
    known.owner = actor
    known.ident = ident
    known.depth = 1
    known.chain = 0
    known.era = era
    known.flags = flags
    known.told = active is not None and (active.full or flags & ACQUIRE_WAITED != 0)
    known.held_stack = stack
    known.since = at
    if actor not in (0, known.sharers):
        known.sharers = actor if not known.sharers else -1
    if chain and not known.internal:
        _nest(known, actor, chain, flags)
    held[actor] = chain
    chain += (known,)
    if known.told and active is not None:
        known.since = monotonic_ns()
        active.ring.emit_at(
            KIND_ACQUIRE, flags, actor, known.since, object_id(known), known.held_stack, 0
        )


def _nest(known: Lock, actor: int, chain: List[Lock], flags: int) -> None:
    """The first time that an actor takes this lock while it holds those."""
    active = session
    for nearest in reversed(chain):
        if not nearest.internal and nearest.depth:
            break
    else:
        return
    if active is None:
        return
    # All that are held need not be looked at each time: there may be thousands.
    known.chain = hash((nearest.chain, id(nearest)))
    key = (actor, actors.epochs.get(actor, 0), known.chain, id(known))
    if key in _nested:
        return
    if len(_nested) > 50_000:
        _nested.clear()
        _alike.clear()
    _nested.add(key)
    kind = (known.stack, known.held_stack, nearest.held_stack)
    times = _alike[kind] = _alike.get(kind, 0) + 1
    if times > _ENOUGH:
        return
    pairs = [
        (object_id(lock), lock.held_stack)
        for lock in enough_of(chain)
        if not lock.internal and lock.depth
    ]
    active.ring.emit(
        KIND_NEST, flags, actor, object_id(known), known.held_stack, active.sink.chain(pairs)
    )


def let_go(known: Lock) -> Tuple[int, int, int]:
    """Before the release: takes the lock off its owner. (owner, since, stack)."""
    owner, since, stack = known.owner, known.since, known.held_stack
    chain = held.get(owner)
    if chain is not None:
        # Another thread may take the same lock off meanwhile, as one that was let go unseen: neither line fails then.
        if chain and chain[-1] is known:
            del chain[-1:]
        elif known in chain:
            chain[:] = [lock for lock in chain if lock is not known]
        if not chain:
            held.pop(owner, None)
    known.depth = 0
    known.owner = known.ident = 0
    return (owner, since, stack)


def publish(known: Lock, left: Tuple[int, int, int], frame: Optional[FrameType]) -> None:
    """After the release: what was worth saying of this hold."""
    active = session
    if active is None:
        return
    now = monotonic_ns()
    owner, since, stack = left
    known.hold_ns += now - since
    if known.told:
        site = active.sink.stack(frame, 1)
        active.ring.emit_at(KIND_RELEASE, 0, actors.current(), now, object_id(known), site, 0)
    elif now - since >= LONG_HOLD:
        active.ring.emit_at(
            KIND_HOLD,
            0,
            owner,
            now,
            object_id(known),
            stack,
            min((now - since) // 1000, 0xFFFF_FFFF),
        )


def object_id(known: Lock, lock: Any = None) -> int:
    """The lock's object id; defines it the first time that something is said of it."""
    if known.id:
        return known.id
    active = session
    if active is None:
        return 0
    if lock is None:
        lock = known.weak()
    new = active.sink.object(
        known.kind,
        "threading",
        known.stack,
        address=f"{id(lock):#x}",
        internal=True if known.internal else None,
        partOf=known.part_of or None,
        **creations.which(known.made),
    )
    # Writing may have let another thread say something of it meanwhile: whoever was first is right.
    if not known.id:
        known.id = new
    if not known.dirty:
        known.dirty = True
        _dirty.append(known)
    return known.id


def owner_of(lock: Any) -> "Optional[Lock]":
    """What is known of a lock that is known to be held."""
    known = locks.get(id(lock))
    if known is not None and known.depth and known.era == era and known.weak() is lock:
        return known
    return None


def thread_ended(info: "actors.ThreadInfo") -> None:
    """What a thread held when it ended stays taken, by nobody."""
    held.pop(info.id, None)


def flush() -> None:
    """Writes the cumulative numbers of the locks that something has happened to since."""
    active = session
    if active is None:
        return
    now = list(_dirty)
    del _dirty[: len(now)]
    ring = active.ring
    for known in now:
        known.dirty = False
        if known.id:
            ring.emit(KIND_COUNTS, 0, 0, known.id, known.count, known.contended)
            ring.emit(KIND_TOTALS, 0, 0, known.id, known.wait_ns // 1000, known.hold_ns // 1000)
