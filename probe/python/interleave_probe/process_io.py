"""Pipes and queues between processes: who waits at which end, and how much goes through.

Whether a read will block is not known before it has; each read and write leaves a note, and only one that lasts
becomes a wait: told afterwards, or by the watcher while it still goes on.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from time import monotonic_ns
from types import FrameType, ModuleType

from . import actors, budgets, edits, process_objects, waits
from .kinds import (
    KIND_MESSAGE,
    KIND_QUEUE_DEPTH,
    KIND_WAIT_BEGIN,
    KIND_WAIT_END,
    OWNER_PROCESS,
    RESULT_DONE,
    WAIT_IO,
    WAIT_RECEIVE,
    WAIT_SEND,
    WAIT_TIMEOUT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

MS = 1_000_000
SHORT = 1 * MS
LONG = 50 * MS
MASK = 0xFFFF_FFFF
# Messages and short waits told of at first, and for a tenth of a second that the program computes.
FIRST_TOLD = 500
TOLD = 100
LEAST_TOLD = 10

session: Any = None


class Note:
    """A read, write or poll that may block."""

    __slots__ = ("actor", "began", "connection", "op", "outer", "timeout", "token")

    def __init__(self, connection: Any, op: int, timeout: int, outer: "Optional[Note]") -> None:
        self.began = monotonic_ns()
        self.connection = connection
        self.op = op
        self.actor = actors.current()
        self.token = 0
        self.timeout = timeout
        self.outer = outer


# thread ident -> its note
_notes: Dict[int, Note] = {}
# id(queue) -> depth last told
_depths: Dict[int, int] = {}
_depths_at = 0
_left = FIRST_TOLD
_share = budgets.Share(LEAST_TOLD, TOLD)
_opened_at = 0


def install(active: Any) -> None:
    global session
    session = active
    process_objects.install(active)
    active.patches.on_import("multiprocessing.connection", _patch)
    active.patches.on_import("multiprocessing.queues", process_objects.patch_queues)


def uninstall() -> None:
    global session
    session = None
    process_objects.install(None)
    _notes.clear()


def after_fork_child(active: Any) -> None:
    global session
    session = active
    process_objects.after_fork(active)
    _notes.clear()
    _depths.clear()
    _refill(monotonic_ns(), FIRST_TOLD)


def milliseconds(timeout: Optional[float]) -> int:
    """0 for none, at least 1 for a wait that ends by itself."""
    if timeout is None:
        return 0
    try:
        return max(1, min(int(timeout * 1000), MASK))
    except (TypeError, ValueError, OverflowError):
        return 1


def _patch(module: ModuleType) -> None:
    connection: Any = getattr(module, "Connection", None)
    hooks = {
        "reading": _reading,
        "writing": _writing,
        "polling": _polling,
        "over": _over,
        "message": _message,
        "pipe": process_objects.pipe_made,
    }
    if connection is not None:
        begin, over = (
            "_interleave_note = _interleave_{}(self)",
            "_interleave_over(_interleave_note)",
        )
        loop = "while remaining > 0:"
        edits.edit(
            connection._recv,
            [(loop, "before", begin.format("reading")), (loop, "around", over)],
            hooks,
        )
        loop = "while True:"
        edits.edit(
            connection._send,
            [(loop, "before", begin.format("writing")), (loop, "around", over)],
            hooks,
        )
        poll = "r = wait([self], timeout)"
        noted = "_interleave_note = _interleave_polling(self, timeout)"
        edits.edit(connection._poll, [(poll, "before", noted), (poll, "around", over)], hooks)
        edits.edit(connection._send_bytes, [("", "first", "_interleave_message(self, buf)")], hooks)
    pipe = getattr(module, "Pipe", None)
    if pipe is not None:
        edits.edit(pipe, [("return c1, c2", "before", "_interleave_pipe(c1, c2)")], hooks)


# -- called by the edited functions ----------------------------------------------------------------------------------


def _reading(connection: Any) -> Optional[Note]:
    return _note(connection, WAIT_RECEIVE, 0)


def _writing(connection: Any) -> Optional[Note]:
    return _note(connection, WAIT_SEND, 0)


def _polling(connection: Any, timeout: Any) -> Optional[Note]:
    if timeout is not None and not timeout > 0:
        return None
    return _note(connection, WAIT_RECEIVE, milliseconds(timeout))


def _note(connection: Any, op: int, timeout: int) -> Optional[Note]:
    if session is None:
        return None
    if (
        waits.on_first is not None
    ):  # a forked child starts its watcher with the first thing to watch
        waits.on_first()
    ident = get_ident()
    note = _notes[ident] = Note(connection, op, timeout, _notes.get(ident))
    return note


def _over(note: Optional[Note]) -> None:
    if note is None:
        return
    ident = get_ident()
    if note.outer is None:
        _notes.pop(ident, None)
    else:
        _notes[ident] = note.outer
    if note.token:
        waits.end(note.token, RESULT_DONE)
        return
    now = monotonic_ns()
    if (
        session is None
        or now - note.began < SHORT
        or not _may_tell()
        or waits.current(note.actor) is not None
    ):
        return
    op, number, stack, _ = _describe(note, sys._getframe(2))
    emit_at = session.ring.emit_at
    emit_at(
        KIND_WAIT_BEGIN,
        op | (WAIT_TIMEOUT if note.timeout else 0),
        note.actor,
        note.began,
        number,
        stack,
        note.timeout,
    )
    emit_at(KIND_WAIT_END, RESULT_DONE, note.actor, now, number, stack, 0)


def _may_tell() -> bool:
    """True while the budget lasts: of more messages and short waits only those are told that last."""
    global _left
    if _left > 0 or session.full:
        _left -= 1
        return True
    if _left == 0:
        _left = -1
        session.say_blind(
            "Of messages sent thousands of times a second, and of short waits for them, only a part is told of."
        )
    return False


def _refill(now: int, least: int = 0) -> None:
    global _left, _opened_at
    _opened_at = now
    _left = max(_left, least, _share.next())


def _message(connection: Any, data: Any) -> None:
    if session is None or not _may_tell():
        return
    try:
        size = len(data)
    except TypeError:
        return
    number = process_objects.connection_id(connection)
    session.ring.emit(KIND_MESSAGE, 0, actors.current(), number, min(size, MASK), 0)


# -- called by the watcher -------------------------------------------------------------------------------------------


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Reads and writes that have lasted become waits; depths of queues that have changed are told."""
    global _depths_at
    if session is None:
        return
    if now - _opened_at >= 2 * LONG:
        _refill(now)
    for ident, note in list(_notes.items()):
        if note.token or now - note.began < LONG:
            continue
        frame = frames().get(ident)
        if frame is None or _notes.get(ident) is not note:
            continue
        op, number, stack, owners = _describe(note, frame)
        note.token = waits.begin(
            op,
            number,
            stack,
            note.timeout,
            actor=note.actor,
            owners=(lambda _, found=owners: found) if owners else None,  # type: ignore[misc]
            since=note.began,
        )
        if _notes.get(ident) is not note:  # it has ended meanwhile
            waits.end(note.token, RESULT_DONE)
    if now - _depths_at >= LONG:
        _depths_at = now
        _tell_depths()


def _describe(note: Note, frame: FrameType) -> Tuple[int, int, int, List[Tuple[int, int, int]]]:
    """What the program called: a queue's get or put, a manager's method, or the connection itself."""
    stack = int(session.sink.stack(frame))
    found = process_objects.operation(frame)
    if found is not None:
        op, number, pid = found
        return (
            op or note.op,
            number or process_objects.connection_id(note.connection),
            stack,
            ([(OWNER_PROCESS, pid, 0)] if pid else []),
        )
    number = process_objects.connection_id(note.connection)
    return (note.op if number else WAIT_IO), number, stack, []


def _tell_depths() -> None:
    for queue in process_objects.queues():
        try:
            depth = queue._maxsize - queue._sem._semlock._get_value()
        except (NotImplementedError, AttributeError, OSError):
            continue
        if _depths.get(id(queue), 0) != depth:
            _depths[id(queue)] = depth
            session.ring.emit(
                KIND_QUEUE_DEPTH, 0, 0, process_objects.queue_id(queue), max(depth, 0), 0
            )
