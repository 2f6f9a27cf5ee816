"""Connections, queues and synchronisation objects of multiprocessing: the names under which all processes know them."""

from __future__ import annotations

import sys
from _weakref import ref
from types import FrameType, ModuleType

from . import creations, edits, objects, process_handles
from .files import system
from .kinds import (
    WAIT_BARRIER,
    WAIT_CONDITION,
    WAIT_EVENT,
    WAIT_GET,
    WAIT_PUT,
    WAIT_QUEUE_JOIN,
    WAIT_RECEIVE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

session: Any = None
# id(queue) -> (weak reference, stack of its creation); inherited by forked children, where the queues live on.
_queues: "Dict[int, Tuple[Any, creations.Made]]" = {}
# inode -> inode of a socket pair's other end
_peers: Dict[int, int] = {}

QUEUES = {"get": WAIT_GET, "put": WAIT_PUT, "join": WAIT_QUEUE_JOIN}


def install(active: Any) -> None:
    global session
    session = active


def after_fork() -> None:
    """Where they were made the parent tells."""
    for address, (weak, _) in list(_queues.items()):
        _queues[address] = (weak, creations.NOWHERE)


def patch_queues(module: ModuleType) -> None:
    """Notes where queues are made."""
    hooks = {"queue": _queue_made, "rebuilt": _queue_rebuilt}
    made = ("", "first", "_interleave_queue(self)")
    rebuilt = ("", "first", "_interleave_rebuilt(self)")
    for name in ("Queue", "SimpleQueue"):
        kind: Any = getattr(module, name, None)
        if kind is not None:
            edits.edit(kind.__init__, [made], hooks)
            edits.edit(kind.__setstate__, [rebuilt], hooks)


def _queue_made(queue: Any) -> None:
    if session is not None:
        frame = sys._getframe(2)
        _note(queue, creations.made(creations.stack(frame), frame, "queue"))


def _queue_rebuilt(queue: Any) -> None:
    """In a process that was handed it: the program made it in another, not here where the library unpickles it."""
    if session is not None:
        _note(queue, creations.NOWHERE)


def _note(queue: Any, made: "creations.Made") -> None:
    address = id(queue)
    _queues[address] = (ref(queue, lambda weak: _forget(address, weak)), made)


def _forget(address: int, weak: Any) -> None:
    entry = _queues.get(address)
    if entry is not None and entry[0] is weak:
        del _queues[address]


def queues() -> List[Any]:
    """Live queues that know their depth."""
    found = []
    for weak, _ in list(_queues.values()):
        queue = weak()
        if queue is not None and hasattr(queue, "_sem") and hasattr(queue, "_maxsize"):
            found.append(queue)
    return found


def inode(connection: Any) -> int:
    """The number by which the system knows a pipe or socket, 0 when it is closed."""
    if process_handles.HERE:
        return process_handles.number_of(session, connection) if not connection.closed else 0
    try:
        return system.fstat(connection._handle).st_ino
    except (OSError, TypeError, AttributeError):
        return 0


def queue_id(queue: Any) -> int:
    """Object id of a queue between processes."""
    already = objects.known_id(queue)
    if already:
        return already
    kind = type(queue).__name__
    known = kind if kind in ("SimpleQueue", "JoinableQueue") else "Queue"
    entry = _queues.get(id(queue))
    made = entry[1] if entry is not None else creations.NOWHERE
    size = getattr(queue, "_maxsize", 0)
    number = inode(queue._reader)
    return objects.object_id(
        queue,
        lambda: int(
            session.sink.object(
                known,
                "multiprocessing",
                made[0],
                shared=f"queue:{number}" if number else None,
                capacity=size
                if type(size) is int and 0 < size < 0x7FFF_0000 and size != _unbounded()
                else None,
                internal=True if _of_library(queue) else None,
                **creations.which(made),
            )
        ),
    )


def _unbounded() -> int:
    module = sys.modules.get("multiprocessing.synchronize")
    return int(getattr(module, "SEM_VALUE_MAX", 0))


def _of_library(queue: Any) -> bool:
    return type(queue).__module__.startswith("concurrent.")


def pipe_made(one: Any, other: Any) -> None:
    """Both ends of a new pipe: each is the other's peer."""
    a, b = inode(one), inode(other)
    if process_handles.HERE and not (one.readable and one.writable):
        b = process_handles.name(other, a)
    if a and b and a != b and len(_peers) < 4096:
        _peers[a], _peers[b] = b, a


def pipe_sent(connection: Any, copy: Any) -> None:
    """A copy of a connection's handle is there for another process to fetch."""
    number = inode(connection)
    if session is not None and number:
        what = f"{number} {_peers.get(number, 0)}"
        process_handles.give(session, copy._pid, copy._handle, what)


def pipe_fetching(copy: Any) -> str:
    """Another process's is about to be fetched."""
    return process_handles.given(session, copy._pid, copy._handle) if session is not None else ""


def pipe_fetched(connection: Any, what: Optional[str]) -> None:
    """It is this connection now."""
    if session is None or not what:
        return
    number, peer = map(int, what.split())
    process_handles.name(connection, number)
    if peer and len(_peers) < 4096:
        _peers[number], _peers[peer] = peer, number


def connection_id(connection: Any) -> int:
    """Object id of one end of a pipe, 0 when it is closed."""
    known = objects.known_id(connection)
    if known:
        return known
    number = inode(connection)
    if not number:
        return objects.known_id(connection)
    peer = _peers.get(number)
    reads, writes = getattr(connection, "_readable", True), getattr(connection, "_writable", True)
    if reads and writes:
        shared, other = f"pipe:{number}", f"pipe:{peer}" if peer else None
    else:  # both ends of a one-way pipe have the same number, except on macOS
        mine, its = ("r", "w") if reads else ("w", "r")
        shared, other = f"pipe:{number}:{mine}", f"pipe:{peer or number}:{its}"
    return objects.object_id(
        connection,
        lambda: int(
            session.sink.object("Connection", "multiprocessing", 0, shared=shared, peer=other)
        ),
    )


# -- what the program called, found by the frames at the place that blocks -------------------------------------------


def operation(frame: Optional[FrameType]) -> Optional[Tuple[int, int, int]]:
    """(wait, object, process that must answer) of the outermost call of the library that stands for this wait."""
    found: Optional[Tuple[int, int, int]] = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "multiprocessing.queues":
            found = _queue_operation(frame) or found
        elif module == "multiprocessing.synchronize":
            found = _sync_operation(frame) or found
        elif module == "threading" and frame.f_code.co_name == "wait":
            barrier = frame.f_locals.get("self")
            if (
                type(barrier).__name__ == "Barrier"
                and type(barrier).__module__ == "multiprocessing.synchronize"
            ):
                found = (WAIT_BARRIER, sync_id(barrier, "Barrier"), 0)
        elif module == "multiprocessing.managers" and frame.f_code.co_name == "_callmethod":
            found = (WAIT_RECEIVE, 0, _manager_pid(frame))
        elif not module.startswith(("multiprocessing.", "threading", "interleave_probe")):
            break
        frame = frame.f_back
    return found


def _queue_operation(frame: FrameType) -> Optional[Tuple[int, int, int]]:
    name = frame.f_code.co_name
    if name == "_feed":  # no method: its queue is the one with this buffer
        buffer = frame.f_locals.get("buffer")
        fed = next((queue for queue in queues() if queue._buffer is buffer), None)
        return None if fed is None else (WAIT_PUT, queue_id(fed), 0)
    op = QUEUES.get(name)
    queue = frame.f_locals.get("self") if op else None
    return (op, queue_id(queue), 0) if op and queue is not None else None


def _sync_operation(frame: FrameType) -> Optional[Tuple[int, int, int]]:
    if frame.f_code.co_name != "wait":
        return None
    thing = frame.f_locals.get("self")
    if type(thing).__name__ == "Event":
        return (WAIT_EVENT, sync_id(thing, "Event"), 0)
    return (WAIT_CONDITION, sync_id(thing, "Condition"), 0)


def _manager_pid(frame: FrameType) -> int:
    proxy = frame.f_locals.get("self")
    process = getattr(getattr(proxy, "_manager", None), "_process", None)
    popen = getattr(process, "_popen", None)
    pid = getattr(popen, "pid", 0)
    return pid if isinstance(pid, int) else 0


def sync_id(thing: Any, kind: str) -> int:
    """Object id of a Condition, Event or Barrier: known in all processes by a semaphore inside."""
    from . import process_locks

    if kind == "Barrier":
        inner = getattr(thing, "_cond", None)
        semaphore = getattr(inner, "_wait_semaphore", None)
        capacity = getattr(thing, "_parties", None)
    else:
        semaphore = (
            getattr(thing, "_flag", None)
            if kind == "Event"
            else getattr(thing, "_wait_semaphore", None)
        )
        capacity = None
    known = process_locks.known(getattr(semaphore, "_semlock", None))
    made = known.made if known is not None else creations.NOWHERE
    return objects.object_id(
        thing,
        lambda: int(
            session.sink.object(
                kind,
                "multiprocessing",
                creations.stack_of(made),
                shared=f"{kind.lower()}:{known.shared}" if known is not None else None,
                capacity=capacity if type(capacity) is int else None,
                **creations.which(made),
            )
        ),
    )
