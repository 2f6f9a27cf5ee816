"""Locks where the hooks are Python: who holds which, who waits, what is nested in what.

The methods are replaced in the dicts of the two built-in types, so every lock of the process is seen and none is
another object than before.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from types import FrameType

from . import actors, lock_hooks, lock_making, locks, types_edit
from . import lock_facts as facts
from .kinds import OWNER_HOLDER
from .locks import LockType, RLockType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple

    from .recorded import Session


def install(session: "Session") -> None:
    """Prepares the hooks. They are armed when all is in place."""
    if not types_edit.prepare():
        session.say_blind(
            "Locks are not seen: the native core does not run here, and this Python comes without `_ctypes`."
        )
        return
    patches = session.patches
    for name, function in (
        ("lock_object_id", lock_object_id),
        ("owners", owners),
        ("held", held),
        ("flush", facts.flush),
        ("creation_seen", lock_making.creation_seen),
        ("creation", lock_making.creation),
        ("armed", armed),
        ("arm", lock_hooks.arm),
        ("crowd", lock_hooks.crowd),
        ("tend", lock_hooks.tend),
        ("afford", lock_hooks.afford),
        ("operations", lock_hooks.operations),
        ("give_up", give_up),
        ("take_back", take_back),
    ):
        patches.replace(locks, name, function)
    facts.session = session
    lock_hooks.owners = owners
    lock_hooks.begin()
    actors.on_end.append(facts.thread_ended)
    session.say_blind(
        "Locks taken thousands of times a second are watched in short windows only, as the native core is not in use."
    )
    if not lock_making.creation_seen():
        session.say_blind(
            "Where locks are made is not seen on this Python, as the native core is not in use."
        )
    session.patches.on_import("threading", lock_making.hook)


def uninstall() -> None:
    """Puts the methods back."""
    lock_hooks.disarm()
    lock_hooks.names = None
    if facts.thread_ended in actors.on_end:
        actors.on_end.remove(facts.thread_ended)
    facts.session = None
    facts.forget()


def after_fork_child(session: "Session") -> None:
    """Only the forking thread goes on; what the others held stays taken for ever, by nobody of this process."""
    facts.forget()


def lock_object_id(lock: Any) -> int:
    """Object id of a lock, defined if it is not yet. 0 while the hooks are not installed."""
    if facts.session is None or type(lock) not in (LockType, RLockType):
        return 0
    return facts.object_id(facts.know(lock, "RLock" if type(lock) is RLockType else "Lock"), lock)


def owners(lock: Any) -> "Sequence[Tuple[int, ...]]":
    """[(OWNER_HOLDER, actor, stack of its acquire, since when)] of a held lock, empty when it is free or nobody knows."""
    known = facts.owner_of(lock)
    if known is not None:
        return [(OWNER_HOLDER, known.owner, known.held_stack, known.since)]
    find = standing_owners
    return find(lock) if find is not None else []


# Set by standing.py: finds owners by looking at the threads' frames.
standing_owners: Optional[Callable[[Any], List[Tuple[int, int, int]]]] = None


def held(actor: int) -> List[Tuple[int, int]]:
    """Pairs (object id, stack) of the locks an actor holds, outermost first; library-internal ones left out."""
    return [
        (facts.object_id(lock), lock.held_stack)
        for lock in list(facts.held.get(actor, ()))
        if lock.depth and lock.era == facts.era and not lock.internal
    ]


def armed() -> bool:
    """Whether Python hooks see what locks do now."""
    return lock_hooks.armed


def give_up(lock: Any) -> "Optional[Tuple[int, int]]":
    """Condition.wait() has released this RLock by a way of its own: (depth, stack) to `take_back` with."""
    known = facts.owner_of(lock) if lock_hooks.armed else None
    if known is None or known.ident != get_ident():
        return None
    depth = known.depth
    left = facts.let_go(known)
    facts.publish(known, left, sys._getframe(2))
    return (depth, left[2])


def take_back(lock: Any, before: "Tuple[int, int]", frame: FrameType) -> None:
    """Condition.wait() has the RLock again."""
    if lock_hooks.armed:
        about = facts.about(lock, "RLock", frame)
        if about is not None:
            facts.taken(about, 0)
        known = facts.locks.get(id(lock))
        if known is not None and known.depth:
            known.depth = before[0]
            known.held_stack = before[1]
