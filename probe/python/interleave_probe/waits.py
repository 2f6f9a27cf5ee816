"""The waits that are open now: who waits for what, who has it, and what the owner is doing."""

from __future__ import annotations

from itertools import count
from types import FrameType

from . import actors
from .clock import monotonic_ns
from .kinds import (
    KIND_ACQUIRE,
    KIND_OWNER_NOW,
    KIND_WAIT_BEGIN,
    KIND_WAIT_END,
    KIND_WAIT_OWNER,
    OWNER_HOLDER,
    OWNER_JOINED,
    OWNER_REFRESH,
    OWNER_RUNNING,
    TASK_BIT,
    WAIT_TIMEOUT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional, Sequence, Tuple

    from .ring import Ring
    from .sink import Captured, Sink

    # [(OWNER_x, actor or pid or pool object, stack id where it got it[, since when it has it])], given the waited object's id.
    Owners = Callable[[int], Sequence[Tuple[int, ...]]]


class Wait:
    """One open wait."""

    __slots__ = (
        "actor",
        "blocked_by",
        "id",
        "ident",
        "object",
        "op",
        "owners",
        "refreshed",
        "since",
        "stack",
    )

    def __init__(
        self, id: int, actor: int, op: int, object: int, stack: int, owners: Optional[Owners]
    ) -> None:
        self.id = id
        self.actor = actor
        self.op = op
        self.object = object
        self.stack = stack
        self.owners = owners
        # The object that keeps a process from ending which is waited for: see process_pipes.py.
        self.blocked_by = 0
        self.since = self.refreshed = monotonic_ns()


REFRESH = 100_000_000
MOST_TOLD = 1000

_sink: Optional[Sink] = None
_ring: Optional[Ring] = None
_next = count(1)
open_waits: Dict[int, Wait] = {}
# actor -> tokens of its open waits, innermost last: a wait inside another is not recorded.
by_actor: Dict[int, int] = {}
# object -> since when it is held, as it was told last.
_told: Dict[int, int] = {}
# Called before the next wait begins: starts the watcher in a forked child.
on_first: Optional[Callable[[], None]] = None
# Set by the loop hooks: (task id without its bit) -> frames where that task stands now, innermost first.
task_frames: Optional[Callable[[int], List[FrameType]]] = None


def install(sink: Sink, ring: Ring) -> None:
    """Starts anew, in a new process too."""
    global _sink, _ring
    _sink, _ring = sink, ring
    open_waits.clear()
    by_actor.clear()
    _told.clear()


def uninstall() -> None:
    """Forgets the open waits."""
    global _sink, _ring
    _sink = _ring = None
    open_waits.clear()
    by_actor.clear()
    _told.clear()


def sink() -> Optional[Sink]:
    """The definitions file of this process, None while nothing is recorded."""
    return _sink


def begin(
    op: int,
    object_id: int,
    stack_id: int,
    timeout_ms: int = 0,
    actor: Optional[int] = None,
    owners: Optional[Owners] = None,
    since: Optional[int] = None,
) -> int:
    """A wait starts. Gives its token, 0 when the actor waits already (the outer wait stands for both).

    `timeout_ms` 0 means none; a wait that ends by itself at once is 1. `owners(object_id)` is asked now and about ten
    times a second while the wait lasts, from the watcher's thread: it must not run code of the program. `since` is when
    it really began, for waits that are noticed later.
    """
    ring = _ring
    if ring is None:
        return 0
    if on_first is not None:
        on_first()
    who = actors.current() if actor is None else actor
    token = next(_next)
    # In one go: the watcher and the loop's own thread may both have found the same task waiting.
    if by_actor.setdefault(who, token) != token:
        return 0
    wait = Wait(token, who, op, object_id, stack_id, owners)
    if since:  # noticed only now
        wait.since = since
    open_waits[token] = wait
    aux = op | WAIT_TIMEOUT if timeout_ms else op
    ring.emit_at(
        KIND_WAIT_BEGIN, aux, who, wait.since, object_id, stack_id, min(timeout_ms, 0xFFFF_FFFF)
    )
    if owners is not None:
        for kind, owner_actor, stack, *_ in owners(object_id):
            ring.emit(KIND_WAIT_OWNER, kind, who, object_id, stack, owner_actor)
    return token


def owner(token: int, kind: int, object_id: int, stack_id: int, owner_actor: int) -> None:
    """Somebody has what is waited for; one call per holder, right after `begin`."""
    wait = open_waits.get(token)
    if wait is not None and _ring is not None:
        _ring.emit(KIND_WAIT_OWNER, kind, wait.actor, object_id, stack_id, owner_actor)


def owner_now(token: int, object_id: int, stack_id: int, owner_actor: int) -> None:
    """What the owner is doing."""
    wait = open_waits.get(token)
    if wait is not None and _ring is not None:
        _ring.emit(KIND_OWNER_NOW, 0, wait.actor, object_id, stack_id, owner_actor)


def end(token: int, result: int, waker: int = 0) -> None:
    """The wait is over. Token 0 and one ended already are fine."""
    wait = open_waits.pop(token, None)
    if wait is None:
        return
    if by_actor.get(wait.actor) == token:
        del by_actor[wait.actor]
    if _ring is not None:
        _ring.emit(KIND_WAIT_END, result, wait.actor, wait.object, wait.stack, waker)


def current(actor: int) -> Optional[Wait]:
    """The open wait of an actor."""
    token = by_actor.get(actor)
    return None if token is None else open_waits.get(token)


def due(now: int) -> bool:
    """True when there are owners to repeat."""
    return bool(open_waits) and any(
        now - wait.refreshed >= REFRESH for wait in list(open_waits.values())
    )


def refresh(now: int, frames: Dict[int, FrameType]) -> None:
    """Repeats the owners of waits older than 100 ms, about ten times a second. For the watcher; empties `frames`."""
    ring, sink = _ring, _sink
    if ring is None or sink is None:
        return
    found: "List[Tuple[Wait, List[Tuple[Tuple[int, ...], Captured]]]]" = []
    for wait in list(open_waits.values()):
        if now - wait.refreshed >= REFRESH:
            wait.refreshed = now
            owners = wait.owners(wait.object) if wait.owners is not None else []
            found.append((wait, [(entry, _capture(sink, entry, frames)) for entry in owners]))
    # Other threads' frames are let go before anything may give the GIL away: what they hold must die in their thread.
    frames.clear()
    for wait, who in found:
        if wait.id not in open_waits:
            continue
        if not who:
            ring.emit(KIND_WAIT_OWNER, OWNER_REFRESH, wait.actor, wait.object, 0, 0)
        for (kind, actor, stack, *since), now_at in who:
            if since:
                tell_taken(actor, wait.object, stack, since[0])
            what = wait.blocked_by or wait.object
            ring.emit(KIND_WAIT_OWNER, kind | OWNER_REFRESH, wait.actor, what, stack, actor)
            if now_at:
                ring.emit(KIND_OWNER_NOW, 0, wait.actor, wait.object, sink.captured(now_at), actor)


def tell_taken(actor: int, object_id: int, stack: int, since: int) -> None:
    """A lock that somebody waits for was free when its owner took it, so nobody told of that: since when it is held."""
    if _ring is not None and since and _told.get(object_id) != since:
        if len(_told) > MOST_TOLD:
            _told.clear()
        _told[object_id] = since
        _ring.emit_at(KIND_ACQUIRE, 0, actor, since, object_id, stack, 0)


def _capture(sink: Sink, owner: Tuple[int, ...], frames: Dict[int, FrameType]) -> Captured:
    if owner[0] not in (OWNER_HOLDER, OWNER_JOINED, OWNER_RUNNING):
        return []
    found: Captured = []
    for frame in frames_of(owner[1], frames):
        found += sink.capture(frame)
    return found


def frames_of(actor: int, frames: Dict[int, FrameType]) -> List[FrameType]:
    """Where an actor is now: a thread's innermost frame, or those of a suspended task, which know nothing of each other."""
    if actor & TASK_BIT:
        return task_frames(actor & ~TASK_BIT) if task_frames is not None else []
    info = actors.by_id.get(actor)
    frame = None if info is None else frames.get(info.ident)
    return [] if frame is None else [frame]
