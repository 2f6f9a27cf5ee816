"""The methods that stand in for those of the two built-in types of locks, where the hooks are Python.

Python between "taken" and "given back" makes hot locks slow, and slow for good: whoever gets the GIL there waits for the lock
as well, and threads that have begun to wait go on waking each other. So nearly all is done before the lock is taken or after
it is given back; and there is an allowance of operations: when it is used up the originals go back, at no cost at all, and the
watcher arms the hooks again later for a short window.
"""

from __future__ import annotations

import _thread
import sys
from _thread import get_ident
from itertools import count
from types import FrameType

from . import lock_facts as facts
from . import types_edit, waits
from .clock import monotonic_ns
from .kinds import (
    ACQUIRE_TIMEOUT,
    ACQUIRE_TRY,
    ACQUIRE_WAITED,
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_ACQUIRE,
)
from .locks import LockType, RLockType, lock_acquire, lock_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

# Operations at once in the beginning, most of them the import system's, and how many more each 20 ms bring: about 2 % of one
# core. And how many at once when there are threads that could come to wait for each other.
FIRST = 2000
CROWD = 600
REFILL = 96
WINDOW = 128

_rlock_acquire = RLockType.__dict__["acquire"]
_rlock_release = RLockType.__dict__["release"]
_getframe = sys._getframe

armed = False
_changes = 0
# The names of `threading`, one of which says whether the hooks are armed.
names: "Optional[Dict[str, Any]]" = None
_ticks = count()
_limit = 0
_most = FIRST
_quiet_until = 0
_pause = 0
_armed_at = 0
# Who has a lock, for those who wait: set by python_locks.py.
owners: "Callable[[Any], Sequence[Tuple[int, ...]]]" = lambda lock: []  # noqa: E731


def begin() -> None:
    """From here on the hooks may be armed."""
    global _limit, _most
    _limit = _most = FIRST


def crowd() -> None:
    """The program has more than one thread."""
    global _limit, _most
    if _most != CROWD:
        _most = CROWD
        _limit = min(_limit, operations() + CROWD)


def _make(kind: str, acquire_original: Any, release_original: Any) -> Dict[str, Callable[..., Any]]:
    reentrant = kind == "RLock"
    enter_original = (RLockType if reentrant else LockType).__dict__["__enter__"]
    exit_original = (RLockType if reentrant else LockType).__dict__["__exit__"]

    def acquire(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        if not armed or next(_ticks) > _limit:
            if armed:
                disarm()
            return acquire_original(self, *args, **kwargs)
        if args or kwargs:
            return _acquire_with(self, args, kwargs)
        return _acquire(self, args, kwargs, _getframe(1), 0)

    def __enter__(self, *args):  # type: ignore[no-untyped-def]
        if args or not armed or next(_ticks) > _limit:
            if armed and not args:
                disarm()
            return enter_original(self, *args)
        return _acquire(self, (), {}, _getframe(1), 0)

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
        return _acquire(self, args, kwargs, frame, flags)

    def _acquire(
        self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any], frame: FrameType, flags: int
    ) -> Any:
        about = facts.about(self, kind, frame)
        if acquire_original(self, False):
            if about is not None:
                try:
                    facts.taken(about, flags)
                except BaseException:
                    release_original(self)
                    raise
            return True
        if flags & ACQUIRE_TRY:
            return False
        if about is None:
            return acquire_original(self, *args, **kwargs)
        return _blocked(self, about, acquire_original, release_original, args, kwargs, flags)

    def release(self):  # type: ignore[no-untyped-def]
        return _release(self) if armed else release_original(self)

    def __exit__(self, *args):  # type: ignore[no-untyped-def]
        if len(args) != 3 and sys.version_info >= (3, 15):  # which wants these three
            return exit_original(self, *args)
        return _release(self) if armed else release_original(self)

    def _release(self: Any) -> Any:
        known = facts.locks.get(id(self))
        if known is None or not known.depth or known.era != facts.era:
            release_original(self)
        elif reentrant and known.depth > 1 and known.ident == get_ident():
            known.depth -= 1
            release_original(self)
        elif known.told:
            left = facts.let_go(known)
            try:
                release_original(self)
            except BaseException:
                known.depth = 0
                raise
            facts.publish(known, left, _getframe(2))
        else:
            turn = known.count
            release_original(self)
            # Else somebody has taken it since, and has said that it was let go.
            if known.count == turn and known.depth:
                facts.publish(known, facts.let_go(known), None)
        if next(_ticks) > _limit:
            disarm()

    hooks = {"acquire": acquire, "__enter__": __enter__, "release": release, "__exit__": __exit__}
    if not reentrant:
        hooks.update(acquire_lock=acquire, release_lock=release)
    original = LockType if not reentrant else RLockType
    for name, function in hooks.items():
        own = original.__dict__.get(name)
        if not name.endswith("_lock"):  # the older name of the same function
            function.__doc__ = getattr(own, "__doc__", None)
            function.__qualname__ = getattr(own, "__qualname__", name)
            function.__wrapped__ = own  # type: ignore[attr-defined]  # whose signature it has
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


def _blocked(
    lock: Any,
    about: "facts.About",
    acquire: Callable[..., Any],
    release: Callable[[Any], None],
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    flags: int,
) -> Any:
    """The lock is taken by somebody else: says who, waits with the original, says how it ended."""
    known, stack = about[0], about[3]
    _, timeout = _arguments(args, kwargs)
    begun = monotonic_ns()
    token = waits.begin(
        WAIT_ACQUIRE,
        facts.object_id(known, lock),
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
            facts.taken(about, flags | ACQUIRE_WAITED)
    except BaseException:
        release(lock)
        raise
    return got


def say_armed() -> None:
    """To those that would have to call us to ask."""
    if names is not None:
        names["_interleave_armed"] = armed


def afford() -> bool:
    """True, and one taken from it, when the allowance is not used up."""
    return armed and next(_ticks) <= _limit


_lock_hooks = _make("Lock", lock_acquire, lock_release)
_rlock_hooks = _make("RLock", _rlock_acquire, _rlock_release)
_originals: List[Tuple[type, Dict[str, Any]]] = [
    (LockType, {name: LockType.__dict__[name] for name in _lock_hooks}),
    (RLockType, {name: RLockType.__dict__[name] for name in _rlock_hooks}),
]


def arm() -> None:
    """Puts the hooks in."""
    global armed, _changes, _armed_at
    if armed or facts.session is None or _changes >= types_edit.CHANGES:
        return
    facts.next_era()
    facts.held.clear()
    _changes += 1
    _armed_at = monotonic_ns()
    armed = True
    say_armed()
    for (kind, _), hooks in zip(_originals, (_lock_hooks, _rlock_hooks)):
        types_edit.namespace(kind).update(hooks)
        types_edit.changed(kind)


def disarm() -> None:
    """Takes the hooks out."""
    global armed, _quiet_until, _pause
    if not armed:
        return
    armed = False
    say_armed()
    facts.next_era()
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
    if facts.session is None:
        return
    used = operations()
    if armed:
        _limit = max(_limit, min(_limit + REFILL, used + _most))
    elif now >= _quiet_until:
        _limit = used + WINDOW
        arm()


def operations() -> int:
    """Hooked operations so far."""
    return int(repr(_ticks)[6:-1])
