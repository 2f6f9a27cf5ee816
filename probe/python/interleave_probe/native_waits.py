"""Waits that the native core sees: what they are for, and who owns what is waited for while they last."""

from __future__ import annotations

import sys
from types import CodeType, FrameType

from . import native, objects, waits
from .kinds import (
    KIND_OWNER_NOW,
    KIND_WAIT_OWNER,
    OWNER_HOLDER,
    OWNER_REFRESH,
    WAIT_ACQUIRE,
    WAIT_SEMAPHORE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

    Frames = Tuple[Tuple[CodeType, int], ...]
    # A wait as the core gives it, who owns what it is for, where that was taken (a stack's id for permits), where the owner is,
    # and since when it has it, where that is known.
    Seen = Tuple[Any, int, Union[int, Frames], Frames, int]


def wait() -> Tuple[int, int, int, int]:
    """Condition.wait() is about to block: (op, object, stack, depth).

    `depth` counts the frames from Condition.wait() to the function whose `self` is what is waited for, -1 when it is
    none of them; the answer is then not kept.
    """
    from . import conditions

    session = native._session
    frame = sys._getframe(1)
    condition = conditions.self_of(frame)
    if session is None or condition is None or frame.f_back is None:
        return (0, 0, 0, -1)
    op, subject, _ = conditions.meaning_of(frame.f_back, condition)
    if not op:
        return (0, 0, 0, -1)
    place = session.sink.stack(frame.f_back)
    depth = 0
    at: Optional[FrameType] = frame
    while at is not None and depth < 8:
        if objects.known_id(conditions.self_of(at)) == subject:
            return (op, subject, place, depth)
        at = at.f_back
        depth += 1
    return (op, subject, place, -1)


def refresh_also(original: Any) -> Any:
    def refresh(now: int, frames: Dict[int, FrameType]) -> None:
        seen = _look(now, frames) if native._session is not None else []
        original(now, frames)
        for wait, owner, site, here, since in seen:
            _tell(wait, owner, site, here, since)

    return refresh


def due_also(original: Any) -> Any:
    def due(now: int) -> bool:
        return original(now) or (
            native._session is not None
            and any(
                now - native.refreshed.get((row[0], row[4]), row[4]) >= 100_000_000
                for row in native._core.open_waits()
            )
        )

    return due


def _look(now: int, frames: Dict[int, FrameType]) -> "List[Seen]":
    """The waits older than 100 ms, each with its owner, where that took it and where it is now; of several a row each."""
    from . import semaphores

    still, seen = {}, []
    for wait in native._core.open_waits():
        actor, op, _, _, since, address = wait
        key = (actor, since)
        last = native.refreshed.get(key, since)
        if now - last < 100_000_000:
            still[key] = last
            continue
        still[key] = now
        owners: "Sequence[Tuple[int, Union[int, Frames], int]]" = ()
        if op == WAIT_ACQUIRE:
            found = native._core.owner(address)
            owners = [found] if found is not None else ()
        elif op == WAIT_SEMAPHORE:
            owners = [(*holder, 0) for holder in semaphores.holders_at(address, wait[2])]
        for owner, site, since in owners:
            seen.append((wait, owner, site, native.places(owner, frames), since))
        if not owners:
            seen.append((wait, 0, (), (), 0))
    native.refreshed.clear()
    native.refreshed.update(still)
    return seen


def _tell(wait: Any, owner: int, site: "Union[int, Frames]", here: Frames, since: int) -> None:
    session = native._session
    if session is None:
        return
    actor, _, subject = wait[:3]
    emit = session.ring.emit
    stack = site if isinstance(site, int) else native.stack(native.with_callers(site, here))
    if not owner:  # a stack is that of a thread which a fork has left behind
        emit(KIND_WAIT_OWNER, OWNER_REFRESH, actor, subject, stack, 0)
        return
    waits.tell_taken(owner, subject, stack, since)
    emit(KIND_WAIT_OWNER, OWNER_HOLDER | OWNER_REFRESH, actor, subject, stack, owner)
    if here:
        emit(KIND_OWNER_NOW, 0, actor, subject, native.stack(here), owner)
