"""Queues of `queue`: who waits to get or put, and how full they are."""

from __future__ import annotations

import sys
from _collections import deque  # type: ignore[import-not-found]  # `collections` would be read from its file
from _weakref import ref
from types import FrameType

from . import conditions, creations, edits, internals, objects, types_edit, waits
from .fields import field
from .kinds import (
    KIND_QUEUE_DEPTH,
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_GET,
    WAIT_PUT,
    WAIT_QUEUE_JOIN,
)
from .queue_fill import Fill
from .threads import milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from .recorded import Session

_session: "Optional[Session]" = None
_original_get: Any = None


class Known:
    """One live queue."""

    __slots__ = ("fill", "getters", "internal", "made", "weak")

    def __init__(self, weak: "ref[Any]", made: "creations.Made", internal: bool) -> None:
        self.weak = weak
        self.made = made
        self.internal = internal
        self.fill = Fill()
        # threads that have waited in get(): its consumers
        self.getters: "set[int]" = set()


_queues: Dict[int, Known] = {}
# Of SimpleQueues those that a thread of the program has waited at: their making is not seen.
_simple: Dict[int, Known] = {}
# Those that have died since the last look with more or less in them than was written.
_ended: "List[Fill]" = []


def install(session: "Session") -> None:
    """Hooks `queue` when the program has it."""
    global _session
    _session = session
    session.empties(_ended)
    session.patches.on_import("queue", _hook)


def uninstall() -> None:
    """Forgets all queues; SimpleQueue.get is put back with the other patches."""
    global _session, _original_get
    _session = _original_get = None
    _queues.clear()
    _simple.clear()
    _ended.clear()


def after_fork_child(session: "Session") -> None:
    """The child says anew how full its queues are."""
    for known in [*_queues.values(), *_simple.values()]:
        known.fill = Fill()
        known.made = creations.NOWHERE
        known.getters.clear()


def _hook(queue: Any) -> None:
    session = _session
    if session is None:
        return
    edits.edit(queue.Queue.__init__, [("", "first", "_interleave_queue(self)")], {"queue": made})
    conditions.recognise(queue.Queue.get, lambda frame: _meaning(frame, WAIT_GET))
    conditions.recognise(queue.Queue.put, lambda frame: _meaning(frame, WAIT_PUT))
    conditions.recognise(queue.Queue.join, lambda frame: _meaning(frame, WAIT_QUEUE_JOIN))
    if session.native is None and sys.modules.get("_queue") is not None and types_edit.prepare():
        _hook_simple(session, sys.modules["_queue"].SimpleQueue)


def _hook_simple(session: "Session", kind: type) -> None:
    global _original_get
    original = kind.__dict__["get"]
    qsize = kind.__dict__["qsize"]
    _original_get = original

    def get(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        if (
            _session is None
            or (args and not args[0])
            or kwargs.get("block", True) is False
            or qsize(self)
        ):
            return original(self, *args, **kwargs)
        frame = sys._getframe(1)
        if internals.role(frame):
            return original(self, *args, **kwargs)
        timeout = args[1] if len(args) > 1 else kwargs.get("timeout")
        token = waits.begin(
            WAIT_GET, queue_id(self), _session.sink.stack(frame), milliseconds(timeout)
        )
        result = RESULT_ERROR
        try:
            item = original(self, *args, **kwargs)
            result = RESULT_DONE
            return item
        except BaseException as error:
            if type(error).__name__ == "Empty":
                result = RESULT_TIMEOUT
            raise
        finally:
            waits.end(token, result)

    get.__doc__ = original.__doc__
    get.__qualname__ = original.__qualname__
    get.__wrapped__ = original  # type: ignore[attr-defined]  # whose signature it has
    space = types_edit.namespace(kind)
    space["get"] = get
    types_edit.changed(kind)

    def put_back() -> None:
        space["get"] = original
        types_edit.changed(kind)

    session.patches.undo(put_back)


def original_get() -> Any:
    """SimpleQueue's own `get` where it is hooked, else None."""
    return _original_get


def made(queue: Any) -> None:
    """A queue is being made."""
    session = _session
    frame = sys._getframe(1).f_back
    if session is None:
        return
    while (
        frame is not None
        and frame.f_code.co_name == "__init__"
        and conditions.self_of(frame) is queue
    ):
        frame = frame.f_back  # constructors of subclasses
    role = internals.role(frame)
    address = id(queue)
    weak = ref(queue, lambda _: _dies(address, _queues))
    made = creations.made(session.sink.stack(frame), frame, "queue")
    _queues[address] = Known(weak, made, role != internals.PROGRAM)


def _dies(address: int, among: "Optional[Dict[int, Known]]") -> None:
    if among is None:  # the interpreter is on its way out
        return
    known = among.pop(address, None)
    if known is not None:
        known.fill.ends(_ended)


def queue_id(queue: Any) -> int:
    """Object id of a queue.Queue or one of its kin."""

    def make() -> int:
        session = _session
        if session is None:
            return 0
        known = _queues.get(id(queue))
        made = creations.NOWHERE if known is None else known.made
        size = field(queue, "maxsize")
        if type(queue) is _simple_type():
            address = id(queue)
            weak = ref(queue, lambda _: _dies(address, _simple))
            _simple[address] = Known(weak, creations.NOWHERE, False)
        return session.sink.object(
            _type(queue),
            "queue",
            made[0],
            address=f"{id(queue):#x}",
            capacity=size if type(size) is int and size > 0 else None,
            internal=True if known is not None and known.internal else None,
            **creations.which(made),
        )

    return objects.object_id(queue, make)


def _simple_type() -> Any:
    """The SimpleQueue of C, None without one."""
    return getattr(sys.modules.get("_queue"), "SimpleQueue", None)


def _type(queue: Any) -> str:
    for base in type.mro(type(queue)):
        if base.__module__ in ("queue", "_queue") and base.__name__ in (
            "Queue",
            "LifoQueue",
            "PriorityQueue",
            "SimpleQueue",
        ):
            return base.__name__
    return "Queue"


def _meaning(frame: FrameType, op: int) -> "Optional[conditions.Meaning]":
    queue = conditions.self_of(frame)
    if queue is None:
        return None
    if op == WAIT_GET:
        known = _queues.get(id(queue))
        if known is not None and len(known.getters) < 256:
            from . import actors

            known.getters.add(actors.current_thread())
    return (op, queue_id(queue), None)


def size_of(queue: Any) -> Tuple[Any, int, int]:
    """(what holds the items, how many, unfinished tasks) without a lock and without running code of the program."""
    items = field(queue, "queue")
    unfinished = field(queue, "unfinished_tasks")
    return (
        items,
        len(items) if type(items) in (deque, list) else 0,
        unfinished if type(unfinished) is int and unfinished >= 0 else 0,
    )


def flush() -> None:
    """Writes how full the queues are where that has changed. For the watcher."""
    session = _session
    if session is None:
        return
    for known in list(_queues.values()):
        queue = known.weak()
        if queue is None:
            continue
        items, depth, unfinished = size_of(queue)
        if known.fill.changes(items, depth, unfinished):
            known.fill.id = queue_id(queue)
            session.ring.emit(KIND_QUEUE_DEPTH, 0, 0, known.fill.id, depth, unfinished)
        del queue, items
    for known in list(_simple.values()):
        queue = known.weak()
        if queue is not None and known.fill.changes(None, queue.qsize(), 0):
            known.fill.id = queue_id(queue)
            session.ring.emit(KIND_QUEUE_DEPTH, 0, 0, known.fill.id, known.fill.depth, 0)
        del queue
    while _ended:
        fill = _ended.pop()
        session.ring.emit(KIND_QUEUE_DEPTH, 0, 0, fill.id, fill.depth, fill.unfinished)


def left_behind(thread: int) -> List[Tuple[int, int]]:
    """(queue id, items) of the queues with work left whose consumer this thread is."""
    found = []
    for known in list(_queues.values()):
        queue = known.weak()
        if queue is not None and thread in known.getters and not known.internal:
            _, depth, _ = size_of(queue)
            if depth:
                found.append((queue_id(queue), depth))
    return found
