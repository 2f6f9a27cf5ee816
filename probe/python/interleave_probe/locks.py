"""What the other parts ask of locks: the core in use puts functions of its own in the place of those here."""

from __future__ import annotations

import _thread
import sys
from types import FrameType, ModuleType

from . import creations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

    from .recorded import Session

LockType = type(_thread.allocate_lock())
RLockType = _thread.RLock
lock_acquire = LockType.__dict__["acquire"]
lock_release = LockType.__dict__["release"]

# The hooks written in Python, where they are what runs.
_hooks: "Optional[ModuleType]" = None


def install(session: "Session") -> None:
    """Loads the hooks written in Python, unless the native core does the same better."""
    global _hooks
    if session.lock_core is None and sys.implementation.name == "cpython":
        from . import python_locks

        _hooks = python_locks
        python_locks.install(session)


def uninstall() -> None:
    """Puts the methods back."""
    global _hooks
    if _hooks is not None:
        _hooks.uninstall()
    _hooks = None


def after_fork_child(session: "Session") -> None:
    """Only the forking thread goes on; what the others held stays taken for ever, by nobody of this process."""
    if _hooks is not None:
        _hooks.after_fork_child(session)


def lock_object_id(lock: Any) -> int:
    """Object id of a lock, defined if it is not yet. 0 while the hooks are not installed."""
    return 0


def owners(lock: Any) -> "Sequence[Tuple[int, ...]]":
    """[(OWNER_HOLDER, actor, stack of its acquire)] of a held lock, empty when it is free or nobody knows."""
    return []


def held(actor: int) -> "List[Tuple[int, int]]":
    """Pairs (object id, stack) of the locks an actor holds, outermost first; library-internal ones left out."""
    return []


def flush() -> None:
    """Writes the cumulative numbers of the locks that something has happened to since."""


def creation_seen() -> bool:
    """Whether somebody knows where locks are made."""
    return False


def creation(lock: Any) -> "creations.Made":
    """Where a lock was made, `NOWHERE` when nobody looked."""
    return creations.NOWHERE


def armed() -> bool:
    """Whether Python hooks see what locks do now."""
    return False


def arm() -> None:
    """From here on locks are seen."""


def crowd() -> None:
    """The program has more than one thread."""


def tend(now: int) -> None:
    """For the watcher: arms again what has disarmed itself."""


def afford() -> bool:
    """Whether hooks may look at what is done now."""
    return False


def operations() -> int:
    """How many operations of locks Python hooks have seen."""
    return 0


def give_up(lock: Any) -> "Optional[Tuple[int, int]]":
    """Condition.wait() has released this RLock by a way of its own: (depth, stack) to `take_back` with."""
    return None


def take_back(lock: Any, before: "Tuple[int, int]", frame: FrameType) -> None:
    """Condition.wait() has the RLock again."""
