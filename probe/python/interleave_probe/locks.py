"""Locks in pure Python: who holds which, who waits, what is nested in what.

The methods are replaced in the dicts of the two built-in types, so every lock of the process is seen and none is
another object than before. A few lines of Python between "taken" and "body runs" make hot locks slow, so there is an
allowance of operations: when it is used up the originals go back, at no cost at all, and the watcher arms the hooks
again later for a short window.
"""

from __future__ import annotations

import _thread
import sys
from _thread import get_ident
from _weakref import ref
from itertools import count
from time import monotonic_ns
from types import FrameType

from . import actors, edits, internals, types_edit, waits
from .kinds import (
    ACQUIRE_TIMEOUT,
    ACQUIRE_TRY,
    ACQUIRE_WAITED,
    KIND_ACQUIRE,
    KIND_COUNTS,
    KIND_HOLD,
    KIND_NEST,
    KIND_RELEASE,
    KIND_TOTALS,
    OWNER_HOLDER,
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_ACQUIRE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple

    from . import Session

LockType = type(_thread.allocate_lock())
RLockType = _thread.RLock
# Operations at once in the beginning, and how many more each 20 ms bring: about 2 % of one core.
FIRST = 2000
REFILL = 96
WINDOW = 128
LONG_HOLD = 1_000_000

lock_acquire = LockType.__dict__["acquire"]
lock_release = LockType.__dict__["release"]
_rlock_acquire = RLockType.__dict__["acquire"]
_rlock_release = RLockType.__dict__["release"]
_getframe = sys._getframe


class Lock:
    """What is known of one lock of the program."""

    __slots__ = (
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
        "owner",
        "part_of",
        "sharers",
        "since",
        "stack",
        "wait_ns",
        "waited",
        "weak",
    )

    weak: ref[Any]

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.id = self.stack = 0
        self.internal = False
        self.owner = self.ident = self.held_stack = self.since = self.depth = self.era = (
            self.flags
        ) = 0
        self.count = self.contended = self.wait_ns = self.hold_ns = 0
        self.waited = self.dirty = False
        self.part_of = 0
        self.sharers = 0


_session: "Optional[Session]" = None
_locks: Dict[int, Lock] = {}
# actor -> locks it holds, outermost first
_held: Dict[int, List[Lock]] = {}
_nested: Set[Tuple[int, int, Tuple[int, ...]]] = set()
_dirty: List[Lock] = []
armed = False
# Grows with each arming and disarming: an owner noted in an earlier era may have let go unseen.
era = 1
_changes = 0
_ticks = count()
_limit = 0
_quiet_until = 0
_pause = 0
_armed_at = 0


def install(session: "Session") -> None:
    """Prepares the hooks, unless the native core does the same better. They are armed when all is in place."""
    global _session, _limit
    if (
        session.native is not None
        or sys.implementation.name != "cpython"
        or not types_edit.prepare()
    ):
        return
    _session = session
    _limit = FIRST
    actors.on_end.append(_thread_ended)
    session.say_blind(
        "Locks taken thousands of times a second are watched in short windows only, as the native core is not in use."
    )
    session.patches.on_import("threading", _hook_creation)


def uninstall() -> None:
    """Puts the methods back."""
    global _session
    if armed:
        disarm()
    if _thread_ended in actors.on_end:
        actors.on_end.remove(_thread_ended)
    _session = None
    _forget()


def after_fork_child(session: "Session") -> None:
    """Only the forking thread goes on; what the others held stays taken for ever, by nobody of this process."""
    if _session is not None:
        _forget()


def _forget() -> None:
    _locks.clear()
    _held.clear()
    _nested.clear()
    _dirty.clear()


# -- the replaced methods ------------------------------------------------------------------------------------------


def _make(kind: str, acquire_original: Any, release_original: Any) -> Dict[str, Callable[..., Any]]:
    reentrant = kind == "RLock"
    enter_original = (RLockType if reentrant else LockType).__dict__["__enter__"]

    def acquire(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        if not armed or next(_ticks) > _limit:
            if armed:
                disarm()
            return acquire_original(self, *args, **kwargs)
        if args or kwargs:
            return _acquire_with(self, args, kwargs)
        if acquire_original(self, False):
            try:
                _taken(self, kind, _getframe(1), 0)
            except BaseException:
                release_original(self)
                raise
            return True
        return _blocked(
            self, kind, acquire_original, release_original, args, kwargs, _getframe(1), 0
        )

    def __enter__(self, *args):  # type: ignore[no-untyped-def]
        if args or not armed or next(_ticks) > _limit:
            if armed and not args:
                disarm()
            return enter_original(self, *args)
        if acquire_original(self, False):
            try:
                _taken(self, kind, _getframe(1), 0)
            except BaseException:
                release_original(self)
                raise
            return True
        return _blocked(self, kind, acquire_original, release_original, (), {}, _getframe(1), 0)

    def _acquire_with(self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        blocking, timeout = _arguments(args, kwargs)
        frame = _getframe(2)
        if blocking is None:  # wrong arguments: the original says so
            return acquire_original(self, *args, **kwargs)
        flags = (0 if blocking else ACQUIRE_TRY) | (ACQUIRE_TIMEOUT if timeout > 0 else 0)
        valid = (
            (timeout == -1 or timeout >= 0) and timeout <= _thread.TIMEOUT_MAX
            if blocking
            else timeout == -1
        )
        if not valid:
            return acquire_original(self, *args, **kwargs)
        if acquire_original(self, False):
            try:
                _taken(self, kind, frame, flags)
            except BaseException:
                release_original(self)
                raise
            return True
        if not blocking:
            return False
        return _blocked(self, kind, acquire_original, release_original, args, kwargs, frame, flags)

    def release(self):  # type: ignore[no-untyped-def]
        if not armed or next(_ticks) > _limit:
            if armed:
                disarm()
            return release_original(self)
        known = _locks.get(id(self))
        if known is None or not known.depth or known.era != era:
            return release_original(self)
        if reentrant and known.depth > 1 and known.ident == get_ident():
            known.depth -= 1
            return release_original(self)
        left = _let_go(known)
        try:
            release_original(self)
        except BaseException:
            known.depth = 0
            raise
        if left is not None:
            _publish(known, left, _getframe(1))
        return None

    def __exit__(self, *args):  # type: ignore[no-untyped-def]
        if not armed or next(_ticks) > _limit:
            if armed:
                disarm()
            return release_original(self)
        known = _locks.get(id(self))
        if known is None or not known.depth or known.era != era:
            return release_original(self)
        if reentrant and known.depth > 1 and known.ident == get_ident():
            known.depth -= 1
            return release_original(self)
        left = _let_go(known)
        try:
            release_original(self)
        except BaseException:
            known.depth = 0
            raise
        if left is not None:
            _publish(known, left, _getframe(1))
        return None

    hooks = {"acquire": acquire, "__enter__": __enter__, "release": release, "__exit__": __exit__}
    if not reentrant:
        hooks.update(acquire_lock=acquire, release_lock=release)
    original = LockType if not reentrant else RLockType
    for name, function in hooks.items():
        own = original.__dict__.get(name)
        function.__doc__ = getattr(own, "__doc__", None)
        if not name.endswith("_lock"):
            function.__qualname__ = getattr(own, "__qualname__", name)
    return {name: hook for name, hook in hooks.items() if name in original.__dict__}


def _arguments(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Tuple[Optional[bool], float]:
    """(blocking, timeout) of an acquire's arguments as plain values, (None, 0) when the original must judge them."""
    blocking: Any = True
    timeout: Any = -1
    if len(args) > 2 or not kwargs.keys() <= {"blocking", "timeout"}:
        return None, 0
    if args:
        blocking = args[0]
    if len(args) > 1:
        timeout = args[1]
    if "blocking" in kwargs:
        if args:
            return None, 0
        blocking = kwargs["blocking"]
    if "timeout" in kwargs:
        if len(args) > 1:
            return None, 0
        timeout = kwargs["timeout"]
    if type(blocking) not in (bool, int) or type(timeout) not in (int, float) or timeout != timeout:
        return None, 0
    return bool(blocking), timeout


# -- what they note ------------------------------------------------------------------------------------------------


def _know(lock: Any, kind: str) -> Lock:
    address = id(lock)
    known = _locks.get(address)
    if known is None or known.weak() is not lock:
        known = Lock(kind)
        known.weak = ref(lock, _Forget(address))
        _locks[address] = known
    return known


class _Forget:
    """Drops a dead lock, whoever held it."""

    __slots__ = ("_address",)

    def __init__(self, address: int) -> None:
        self._address = address

    def __call__(self, weak: "ref[Any]") -> None:
        if _locks is None:
            return
        known = _locks.get(self._address)
        if known is not None and known.weak is weak:
            del _locks[self._address]
            if known.depth:
                _let_go(known)


def _taken(lock: Any, kind: str, frame: Optional[FrameType], flags: int) -> None:
    """Runs right after a lock was taken, so it must be short: no record without need, no file unless new."""
    session = _session
    if session is None or frame is None:
        return
    role = internals.role(frame)
    if role == internals.HIDDEN:
        return
    known = _know(lock, kind)
    ident = get_ident()
    if known.depth and known.era == era and known.ident == ident and kind == "RLock":
        known.depth += 1
        return
    actor = actors.current()
    if role:
        known.internal = True
    known.count += 1
    if known.depth:  # whoever held it let go unseen
        _let_go(known)
    known.owner = actor
    known.ident = ident
    known.depth = 1
    known.era = era
    known.flags = flags
    known.waited = bool(flags & ACQUIRE_WAITED)
    known.held_stack = session.sink.stack(frame)
    if known.owner not in (0, known.sharers):
        known.sharers = actor if not known.sharers else -1
    chain = _held.get(actor)
    if chain is None:
        _held[actor] = [known]
    else:
        if chain and not known.internal:
            _nest(known, actor, chain, flags)
        chain.append(known)
    if not known.dirty and known.id:
        known.dirty = True
        _dirty.append(known)
    if session.full or known.waited:
        at = monotonic_ns()
        session.ring.emit_at(
            KIND_ACQUIRE, flags, actor, at, _object(known, lock), known.held_stack, 0
        )
        known.since = at
    else:
        known.since = monotonic_ns()


def _nest(known: Lock, actor: int, chain: List[Lock], flags: int) -> None:
    """The first time that an actor takes this lock while it holds those."""
    session = _session
    outer = [lock for lock in chain if not lock.internal and lock.depth]
    if not outer or session is None:
        return
    key = (actor, actors.epochs.get(actor, 0), tuple([id(lock) for lock in outer] + [id(known)]))
    if key in _nested:
        return
    if len(_nested) > 50_000:
        _nested.clear()
    _nested.add(key)
    pairs = [(_object(lock), lock.held_stack) for lock in outer]
    session.ring.emit(
        KIND_NEST, flags, actor, _object(known), known.held_stack, session.sink.chain(pairs)
    )


def _let_go(known: Lock) -> Optional[Tuple[int, int, int]]:
    """Before the release: takes the lock off its owner. (owner, since, stack) when it was held."""
    owner, since, stack = known.owner, known.since, known.held_stack
    chain = _held.get(owner)
    if chain is not None:
        if chain and chain[-1] is known:
            chain.pop()
        elif known in chain:
            chain.remove(known)
        if not chain:
            _held.pop(owner, None)
    known.depth = 0
    known.owner = known.ident = 0
    return (owner, since, stack)


def _publish(known: Lock, left: Tuple[int, int, int], frame: Optional[FrameType]) -> None:
    """After the release: what was worth saying of this hold."""
    session = _session
    if session is None:
        return
    now = monotonic_ns()
    owner, since, stack = left
    known.hold_ns += now - since
    if session.full or known.waited:
        site = session.sink.stack(frame, 1)
        session.ring.emit_at(KIND_RELEASE, 0, actors.current(), now, _object(known), site, 0)
    elif now - since >= LONG_HOLD:
        session.ring.emit_at(
            KIND_HOLD, 0, owner, now, _object(known), stack, min((now - since) // 1000, 0xFFFF_FFFF)
        )


def _blocked(
    lock: Any,
    kind: str,
    acquire: Callable[..., Any],
    release: Callable[[Any], None],
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    frame: Optional[FrameType],
    flags: int,
) -> Any:
    """The lock is taken by somebody else: says who, waits with the original, says how it ended."""
    session = _session
    role = internals.role(frame) if frame is not None else internals.HIDDEN
    if session is None or role == internals.HIDDEN:
        return acquire(lock, *args, **kwargs)
    known = _know(lock, kind)
    if role:
        known.internal = True
    stack = session.sink.stack(frame)
    _, timeout = _arguments(args, kwargs)
    begun = monotonic_ns()
    token = waits.begin(
        WAIT_ACQUIRE,
        _object(known, lock),
        stack,
        max(1, int(timeout * 1000)) if timeout > 0 else 0,
        owners=lambda _: owners(lock),
    )
    try:
        got = acquire(lock, *args, **kwargs)
    except BaseException:
        waits.end(token, RESULT_ERROR)
        raise
    waited = monotonic_ns() - begun
    known.wait_ns += waited
    known.contended += 1
    if not got:
        waits.end(token, RESULT_TIMEOUT)
        return got
    try:
        waits.end(token, RESULT_DONE)
        if armed:
            _taken(lock, kind, frame, flags | ACQUIRE_WAITED)
    except BaseException:
        release(lock)
        raise
    return got


def _object(known: Lock, lock: Any = None) -> int:
    """The lock's object id; defines it the first time that something is said of it."""
    if known.id:
        return known.id
    session = _session
    if session is None:
        return 0
    if lock is None:
        lock = known.weak()
    known.id = session.sink.object(
        known.kind,
        "threading",
        known.stack,
        address=f"{id(lock):#x}",
        internal=True if known.internal else None,
        partOf=known.part_of or None,
    )
    if not known.dirty:
        known.dirty = True
        _dirty.append(known)
    return known.id


# -- where they are made ----------------------------------------------------------------------------------------------


class _Factory:
    """Stands for the built-in `allocate_lock` in `threading.Lock`; like a built-in it does not become a method."""

    __slots__ = ("_original",)
    __module__ = "threading"

    def __init__(self, original: Any) -> None:
        self._original = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        lock = self._original(*args, **kwargs)
        if armed and next(_ticks) <= _limit:
            _made(lock, _getframe(1))
        return lock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    def __eq__(self, other: object) -> bool:
        return other is self or other == self._original

    def __hash__(self) -> int:
        return hash(self._original)

    def __reduce__(self) -> str:
        return "Lock"


def _made(lock: Any, frame: Optional[FrameType]) -> None:
    session = _session
    if session is None:
        return
    role = internals.creator(frame)
    if role != internals.HIDDEN:
        known = _know(lock, "RLock" if type(lock) is RLockType else "Lock")
        known.stack = session.sink.stack(frame)
        known.internal = role == internals.INTERNAL


def creation_seen() -> bool:
    """False where `threading.Lock` is the type itself, which cannot be replaced."""
    return not isinstance(_thread.allocate_lock, type) and sys.version_info < (3, 13)


def _hook_creation(threading: Any) -> None:
    session = _session
    if session is None:
        return
    internals.learn(threading)
    if creation_seen() and threading.Lock is _thread.allocate_lock:
        session.patches.replace(threading, "Lock", _Factory(_thread.allocate_lock))
    edits.edit(
        threading.RLock,
        [("return _CRLock(", "replace", "return _interleave_rlock(_CRLock(*args, **kwargs))")],
        {"rlock": _rlock_made},
    )


def _rlock_made(lock: Any = None) -> Any:
    if armed and next(_ticks) <= _limit:
        _made(lock, _getframe(1))
    return lock


# A thread in the middle of RLock() at the end must get its lock.
_rlock_made.stays = True  # type: ignore[attr-defined]


def creation_stack(lock: Any) -> int:
    """Where a lock was made, 0 when nobody looked."""
    known = _locks.get(id(lock))
    return known.stack if known is not None and known.weak() is lock else 0


def afford() -> bool:
    """True, and one taken from it, when the allowance is not used up."""
    return armed and next(_ticks) <= _limit


# -- for the other parts -------------------------------------------------------------------------------------------


def lock_object_id(lock: Any) -> int:
    """Object id of a lock, defined if it is not yet. 0 while the hooks are not installed."""
    if _session is None or type(lock) not in (LockType, RLockType):
        return 0
    return _object(_know(lock, "RLock" if type(lock) is RLockType else "Lock"), lock)


def owners(lock: Any) -> List[Tuple[int, int, int]]:
    """[(OWNER_HOLDER, actor, stack of its acquire)] of a held lock, empty when it is free or nobody knows."""
    known = _locks.get(id(lock))
    if known is not None and known.depth and known.era == era and known.weak() is lock:
        return [(OWNER_HOLDER, known.owner, known.held_stack)]
    find = standing_owners
    return find(lock) if find is not None else []


# Set by standing.py: finds owners by looking at the threads' frames.
standing_owners: Optional[Callable[[Any], List[Tuple[int, int, int]]]] = None


def held(actor: int) -> List[Tuple[int, int]]:
    """Pairs (object id, stack) of the locks an actor holds, outermost first; library-internal ones left out."""
    return [
        (_object(lock), lock.held_stack)
        for lock in list(_held.get(actor, ()))
        if lock.depth and lock.era == era and not lock.internal
    ]


def give_up(lock: Any) -> "Optional[Tuple[int, int]]":
    """Condition.wait() has released this RLock by a way of its own: (depth, stack) to `take_back` with."""
    known = _locks.get(id(lock))
    if (
        not armed
        or known is None
        or not known.depth
        or known.era != era
        or known.ident != get_ident()
    ):
        return None
    depth = known.depth
    left = _let_go(known)
    if left is None:
        return None
    _publish(known, left, _getframe(2))
    return (depth, left[2])


def take_back(lock: Any, before: "Tuple[int, int]", frame: FrameType) -> None:
    """Condition.wait() has the RLock again."""
    if armed:
        _taken(lock, "RLock", frame, 0)
        known = _locks.get(id(lock))
        if known is not None and known.depth:
            known.depth = before[0]
            known.held_stack = before[1]


def _thread_ended(info: "actors.ThreadInfo") -> None:
    _held.pop(info.id, None)


# -- arming ---------------------------------------------------------------------------------------------------------

_lock_hooks = _make("Lock", lock_acquire, lock_release)
_rlock_hooks = _make("RLock", _rlock_acquire, _rlock_release)
_originals: List[Tuple[type, Dict[str, Any]]] = [
    (LockType, {name: LockType.__dict__[name] for name in _lock_hooks}),
    (RLockType, {name: RLockType.__dict__[name] for name in _rlock_hooks}),
]


def arm() -> None:
    """Puts the hooks in."""
    global armed, era, _changes, _armed_at
    if armed or _session is None or _changes >= types_edit.CHANGES:
        return
    era += 1
    _held.clear()
    _changes += 1
    _armed_at = monotonic_ns()
    armed = True
    for (kind, _), hooks in zip(_originals, (_lock_hooks, _rlock_hooks)):
        types_edit.namespace(kind).update(hooks)
        types_edit.changed(kind)


def disarm() -> None:
    """Takes the hooks out."""
    global armed, era, _quiet_until, _pause
    if not armed:
        return
    armed = False
    era += 1
    for kind, originals in _originals:
        types_edit.namespace(kind).update(originals)
        types_edit.changed(kind)
    now = monotonic_ns()
    _pause = (
        min(max(_pause * 2, 40_000_000), 1_000_000_000)
        if now - _armed_at < 200_000_000
        else 40_000_000
    )
    _quiet_until = now + _pause


def tend(now: int) -> None:
    """Called by the watcher about every 20 ms: refills the allowance, arms again after a pause."""
    global _limit
    if _session is None:
        return
    used = operations()
    if armed:
        _limit = max(_limit, min(_limit + REFILL, used + FIRST))
    elif now >= _quiet_until:
        _limit = used + WINDOW
        arm()


def operations() -> int:
    """Hooked operations so far."""
    return int(repr(_ticks)[6:-1])


def flush() -> None:
    """Writes the cumulative numbers of the locks that something has happened to since."""
    session = _session
    if session is None:
        return
    now = list(_dirty)
    del _dirty[: len(now)]
    ring = session.ring
    for known in now:
        known.dirty = False
        if known.id:
            ring.emit(KIND_COUNTS, 0, 0, known.id, known.count, known.contended)
            ring.emit(KIND_TOTALS, 0, 0, known.id, known.wait_ns // 1000, known.hold_ns // 1000)
