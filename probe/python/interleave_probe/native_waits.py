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
    WAIT_GET,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Frames = Tuple[Tuple[CodeType, int], ...]


def wait(timeout: int) -> Tuple[int, int, int, int, int]:
    """Condition.wait() is about to block: (op, object, stack, depth, token).

    `depth` counts the frames from Condition.wait() to the function whose `self` is what is waited for, -1 when it is
    none of them; the answer is then not kept. With a token the wait is kept by waits.py, as it has owners to ask for.
    """
    from . import conditions

    session = native._session
    frame = sys._getframe(1)
    condition = conditions.self_of(frame)
    if session is None or condition is None or frame.f_back is None:
        return (0, 0, 0, -1, 0)
    op, subject, whose = conditions.meaning_of(frame.f_back, condition)
    if not op:
        return (0, 0, 0, -1, 0)
    place = session.sink.stack(frame.f_back)
    if whose is not None:
        return (op, subject, place, -1, waits.begin(op, subject, place, timeout, owners=whose))
    depth = 0
    at: Optional[FrameType] = frame
    while at is not None and depth < 8:
        if objects.known_id(conditions.self_of(at)) == subject:
            return (op, subject, place, depth, 0)
        at = at.f_back
        depth += 1
    return (op, subject, place, -1, 0)


def simple_get(queue: Any, timeout: Any) -> int:
    """SimpleQueue.get() is about to block: token of the wait."""
    from . import queues
    from .threads import milliseconds

    session = native._session
    if session is None:
        return 0
    return waits.begin(
        WAIT_GET,
        queues.queue_id(queue),
        session.sink.stack(sys._getframe(1)),
        milliseconds(timeout),
    )


def refresh_also(original: Any) -> Any:
    def refresh(now: int, frames: Dict[int, FrameType]) -> None:
        seen = _look(now, frames) if native.installed() is not None else []
        original(now, frames)
        for wait, owner, site, here in seen:
            _tell(wait, owner, site, here)

    return refresh


def due_also(original: Any) -> Any:
    def due(now: int) -> bool:
        return original(now) or (
            native.installed() is not None
            and any(
                now - native.refreshed.get((row[0], row[4]), row[4]) >= 100_000_000
                for row in native._core.open_waits()
            )
        )

    return due


def _look(now: int, frames: Dict[int, FrameType]) -> "List[Tuple[Any, int, Frames, Frames]]":
    """The waits older than 100 ms, each with its lock's owner, where that took it and where it is now."""
    still, seen = {}, []
    for wait in native._core.open_waits():
        actor, op, _, _, since, address = wait
        key = (actor, since)
        last = native.refreshed.get(key, since)
        if now - last < 100_000_000:
            still[key] = last
            continue
        still[key] = now
        found = native._core.owner(address) if op == WAIT_ACQUIRE else None
        owner, site = (found[0], found[1]) if found is not None else (0, ())
        seen.append((wait, owner, site, native.places(owner, frames) if owner else ()))
    native.refreshed.clear()
    native.refreshed.update(still)
    return seen


def _tell(wait: Any, owner: int, site: Frames, here: Frames) -> None:
    session = native._session
    if session is None:
        return
    actor, _, subject = wait[:3]
    emit = session.ring.emit
    if not owner:
        emit(KIND_WAIT_OWNER, OWNER_REFRESH, actor, subject, 0, 0)
        return
    emit(
        KIND_WAIT_OWNER,
        OWNER_HOLDER | OWNER_REFRESH,
        actor,
        subject,
        native.stack(native.with_callers(site, here)),
        owner,
    )
    if here:
        emit(KIND_OWNER_NOW, 0, actor, subject, native.stack(here), owner)
