"""Permits of threading.Semaphore: who took one and has not given it back."""

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import actors, edits, internals, locks, objects
from .kinds import OWNER_HOLDER

if TYPE_CHECKING:
    from . import Session

_session: "Optional[Session]" = None


class Permits:
    """What is known of one semaphore."""

    __slots__ = ("id", "holders", "signal")

    def __init__(self, id: int) -> None:
        self.id = id
        self.holders: List[Tuple[int, int]] = []
        # Released by somebody who had none: a signal between threads, which nobody "holds".
        self.signal = False


_known: Dict[int, Permits] = {}


def hook(threading: Any, session: "Session") -> None:
    """Hooks acquire and release outside the semaphore's own lock."""
    global _session
    _session = session
    hooks = {"permit": taken, "permits": given, "semaphore": made}
    semaphore, bounded = threading.Semaphore, threading.BoundedSemaphore
    edits.edit(semaphore.acquire, [("return rc", "before", "_interleave_permit(self, rc)")], hooks)
    for owner in (semaphore, bounded):
        edits.edit(owner.release, [("with self._cond:", "before", "_interleave_permits(self, n)")], hooks)
    edits.edit(semaphore.__init__, [("self._value = value", "after", "_interleave_semaphore(self)")], hooks)
    session.patches.undo(reset)


def reset() -> None:
    """Forgets all permits."""
    _known.clear()


def semaphore_id(semaphore: Any) -> int:
    """Object id of a semaphore."""
    return _permits(semaphore).id


def _permits(semaphore: Any, new_born: bool = False) -> Permits:
    def make() -> int:
        session = _session
        fields = object.__getattribute__(semaphore, "__dict__")
        threading = sys.modules.get("threading")
        bounded = getattr(threading, "BoundedSemaphore", None)
        value = fields.get("_value")
        # One seen for the first time in use has permits out that nobody has noted.
        initial = fields.get("_initial_value", value if new_born else None)
        new = 0
        if session is not None:
            from .conditions import stack_of_condition

            condition = fields.get("_cond")
            new = session.sink.object(
                "BoundedSemaphore" if bounded in type.mro(type(semaphore)) else "Semaphore",
                "threading",
                stack_of_condition(condition) if condition is not None else 0,
                address=f"{id(semaphore):#x}",
                capacity=initial if type(initial) is int else None,
            )
        permits = Permits(new)
        permits.signal = initial == 0 or not new_born
        _known[id(semaphore)] = permits
        return new

    new = objects.object_id(semaphore, make)
    known = _known.get(id(semaphore))
    if known is None or known.id != new:
        known = _known[id(semaphore)] = Permits(new)
        known.signal = True
    return known


def made(semaphore: Any) -> None:
    """A semaphore is being made: only now is it sure how many permits it has."""
    if _session is not None and locks.afford():
        _permits(semaphore, True)


def taken(semaphore: Any, got: bool) -> None:
    """At the end of acquire()."""
    session = _session
    if not got or session is None or not locks.afford():
        return
    frame = sys._getframe(1).f_back
    if internals.role(frame) == internals.HIDDEN:
        return
    permits = _permits(semaphore)
    if not permits.signal and not _gives_back(frame):
        permits.signal = True
        permits.holders.clear()
    if not permits.signal and len(permits.holders) < 256:
        permits.holders.append((actors.current(), session.sink.stack(frame)))


def _gives_back(frame: Optional[FrameType]) -> bool:
    """True when whoever takes a permit here means to give it back: in a `with`, or in code that calls release too.

    A permit taken for good, such as a free slot that the consumer gives back, makes nobody its owner.
    """
    if frame is None:
        return False
    names = frame.f_code.co_names
    return "acquire" not in names or "release" in names


def given(semaphore: Any, count: Any) -> None:
    """At the start of release()."""
    permits = _known.get(id(semaphore))
    if permits is None or permits.signal or type(count) is not int:
        return
    me = actors.current()
    holders = permits.holders
    for _ in range(min(count, 256)):
        for index in range(len(holders) - 1, -1, -1):
            if holders[index][0] == me:
                del holders[index]
                break
        else:
            permits.signal = True
            holders.clear()
            return


def owners(semaphore: Any) -> List[Tuple[int, int, int]]:
    """One entry per permit whose holder is known."""
    permits = _known.get(id(semaphore))
    if permits is None or permits.signal:
        return []
    return [(OWNER_HOLDER, actor, stack) for actor, stack in list(permits.holders)]
