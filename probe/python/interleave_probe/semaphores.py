"""Permits of threading.Semaphore: who took one and has not given it back."""

from __future__ import annotations

import sys
from types import FrameType

from . import actors, creations, edits, internals, locks, objects
from .fields import field
from .kinds import ACQUIRE_TIMEOUT, ACQUIRE_TRY, KIND_NEST, OWNER_HOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple

    from .recorded import Session

_session: "Optional[Session]" = None


class Permits:
    """What is known of one semaphore."""

    __slots__ = ("holders", "id", "signal", "single")

    def __init__(self, id: int) -> None:
        self.id = id
        self.holders: List[Tuple[int, int]] = []
        # Of one permit, so that it excludes others like a lock.
        self.single = False
        # Released by somebody who had none: a signal between threads, which nobody "holds".
        self.signal = False


_known: Dict[int, Permits] = {}
# Addresses of the living ones among them that are signals: nothing more is noted of those.
_signals: Set[int] = set()
# actor -> (object, stack of the acquire) of the single permits that it has, outermost first
_held: Dict[int, List[Tuple[int, int]]] = {}
_nested: Set[Tuple[int, ...]] = set()


def hook(threading: Any, session: "Session") -> None:
    """Hooks acquire and release outside the semaphore's own lock."""
    global _session
    _session = session
    hooks = {"permit": taken, "permits": given, "semaphore": made, "signals": _signals}
    semaphore, bounded = threading.Semaphore, threading.BoundedSemaphore
    told = "id(self) in _interleave_signals or "
    edits.edit(
        semaphore.acquire, [("return rc", "before", told + "_interleave_permit(self, rc)")], hooks
    )
    for owner in (semaphore, bounded):
        edits.edit(
            owner.release,
            [("with self._cond:", "before", told + "_interleave_permits(self, n)")],
            hooks,
        )
    edits.edit(
        semaphore.__init__, [("self._value = value", "after", "_interleave_semaphore(self)")], hooks
    )
    session.patches.undo(reset)
    if _forget not in objects.on_end:
        objects.on_end.append(_forget)


def _forget(address: int) -> None:
    """It has died; whoever had its permits has them no more."""
    permits = _known.pop(address, None)
    _signals.discard(address)
    if permits is not None:
        for holder, _ in permits.holders:
            _gave_back(permits.id, holder)


def reset() -> None:
    """Forgets all permits."""
    _known.clear()
    _signals.clear()
    _held.clear()
    _nested.clear()


def semaphore_id(semaphore: Any) -> int:
    """Object id of a semaphore."""
    return _permits(semaphore).id


def _permits(semaphore: Any, new_born: bool = False) -> Permits:
    def make() -> int:
        session = _session
        threading = sys.modules.get("threading")
        bounded = getattr(threading, "BoundedSemaphore", None)
        value = field(semaphore, "_value")
        # One seen for the first time in use has permits out that nobody has noted.
        initial = field(semaphore, "_initial_value", value if new_born else None)
        new = 0
        if session is not None:
            from . import conditions

            condition = field(semaphore, "_cond")
            made = creations.NOWHERE if condition is None else conditions.creation(condition)
            new = session.sink.object(
                "BoundedSemaphore" if bounded in type.mro(type(semaphore)) else "Semaphore",
                "threading",
                made[0],
                address=f"{id(semaphore):#x}",
                capacity=initial if type(initial) is int else None,
                **creations.which(made),
            )
        permits = Permits(new)
        permits.signal = initial == 0 or not new_born
        permits.single = initial == 1
        _known[id(semaphore)] = permits
        if permits.signal:
            _signals.add(id(semaphore))
        return new

    new = objects.object_id(semaphore, make)
    known = _known.get(id(semaphore))
    if known is None or known.id != new:
        known = _known[id(semaphore)] = Permits(new)
        known.signal = True
        _signals.add(id(semaphore))
    return known


def made(semaphore: Any) -> None:
    """A semaphore is being made: only now is it sure how many permits it has."""
    _signals.discard(id(semaphore))
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
        _signals.add(id(semaphore))
    if not permits.signal and len(permits.holders) < 256:
        actor, stack = actors.current(), session.sink.stack(frame)
        permits.holders.append((actor, stack))
        if permits.single:
            _inside(permits.id, actor, stack)


def _inside(number: int, actor: int, stack: int) -> None:
    """Tells, once for each order, what the actor holds while it takes a semaphore that is a lock."""
    session = _session
    mine = _held.get(actor, [])
    chain = locks.held(actor) + mine
    key = (actor, actors.epochs.get(actor, 0), *[held for held, _ in chain], number)
    if chain and session is not None and key not in _nested:
        if len(_nested) > 20_000:
            _nested.clear()
        _nested.add(key)
        asked = sys._getframe(2).f_locals
        flags = 0 if asked.get("blocking", True) else ACQUIRE_TRY
        if asked.get("timeout") is not None:
            flags |= ACQUIRE_TIMEOUT
        session.ring.emit(KIND_NEST, flags, actor, number, stack, session.sink.chain(chain))
    _held[actor] = [*mine, (number, stack)]


def _gave_back(number: int, actor: int) -> None:
    left = [one for one in _held.pop(actor, ()) if one[0] != number]
    if left:
        _held[actor] = left


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
                _gave_back(permits.id, me)
                break
        else:
            permits.signal = True
            _signals.add(id(semaphore))
            for holder, _ in holders:
                _gave_back(permits.id, holder)
            holders.clear()
            return


def holders_at(address: int, number: int) -> List[Tuple[int, int]]:
    """(actor, stack) of each permit whose holder is known, of the semaphore with this id at this address."""
    permits = _known.get(address)
    if permits is None or permits.signal or permits.id != number:
        return []
    return list(permits.holders)


def owners(semaphore: Any) -> List[Tuple[int, int, int]]:
    """One entry per permit whose holder is known."""
    permits = _known.get(id(semaphore))
    if permits is None or permits.signal:
        return []
    return [(OWNER_HOLDER, actor, stack) for actor, stack in list(permits.holders)]
