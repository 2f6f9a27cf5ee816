"""Where locks are made, where the hooks are Python and `threading` lets that be seen."""

from __future__ import annotations

import _thread
import sys
from types import FrameType

from . import creations, edits, internals
from . import lock_facts as facts
from . import lock_hooks as hooks
from .locks import RLockType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

_getframe = sys._getframe


class _Factory:
    """Stands for the built-in `allocate_lock` in `threading.Lock`; like a built-in it does not become a method."""

    __slots__ = ("_original",)
    __module__ = "threading"

    def __init__(self, original: Any) -> None:
        self._original = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        lock = self._original(*args, **kwargs)
        if hooks.afford():
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
    session = facts.session
    if session is None:
        return
    role = internals.creator(frame)
    if role != internals.HIDDEN:
        known = facts.know(lock, "RLock" if type(lock) is RLockType else "Lock")
        known.stack = session.sink.stack(frame)
        known.made = creations.made(known.stack, frame, "lock")
        known.internal = role == internals.INTERNAL


def creation_seen() -> bool:
    """False where `threading.Lock` is the type itself, which cannot be replaced."""
    return not isinstance(_thread.allocate_lock, type) and sys.version_info < (3, 13)


def _told_of(arguments: str) -> "edits.Rule":
    """What RLock() becomes, which takes no arguments any more since 3.15."""
    made = f"_CRLock({arguments})"
    told = f"if _interleave_armed:\n return _interleave_rlock({made})\nreturn {made}"
    return f"return {made}", "replace", told


def hook(threading: Any) -> None:
    session = facts.session
    if session is None:
        return
    internals.learn(threading)
    if creation_seen() and threading.Lock is _thread.allocate_lock:
        session.patches.replace(threading, "Lock", _Factory(_thread.allocate_lock))
    edits.edit_any(
        threading.RLock,
        [[_told_of(arguments)] for arguments in ("*args, **kwargs", "")],
        {"rlock": _rlock_made, "armed": False},
    )
    hooks.names = vars(threading)
    hooks.say_armed()


def _rlock_made(lock: Any = None) -> Any:
    if hooks.afford():
        _made(lock, _getframe(1))
    return lock


# A thread in the middle of RLock() at the end must get its lock.
_rlock_made.stays = True  # type: ignore[attr-defined]


def creation(lock: Any) -> "creations.Made":
    """Where a lock was made, `NOWHERE` when nobody looked."""
    known = facts.locks.get(id(lock))
    return known.made if known is not None and known.weak() is lock else creations.NOWHERE
