"""Pipes and queues between processes: who waits at which end, and how much goes through.

A read or write that lasts becomes a wait: told afterwards, or by the watcher while it still goes on.
"""

from __future__ import annotations

import sys
from types import FrameType, ModuleType

from . import budgets, edits, native, process_locks, process_notes, process_objects, waits
from .around import milliseconds
from .clock import monotonic_ns
from .kinds import (
    KIND_QUEUE_DEPTH,
    KIND_WAIT_BEGIN,
    KIND_WAIT_END,
    OWNER_PROCESS,
    RESULT_DONE,
    WAIT_IO,
    WAIT_TIMEOUT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

LONG = 50_000_000
# Messages and short waits told of at first, and for a tenth of a second that the program computes.
FIRST_TOLD = 500
TOLD = 100
LEAST_TOLD = 10

session: Any = None
# Who keeps the notes: the native core, else `process_notes`.
_keeper: Any = process_notes
# id(queue) -> depth last told
_depths: Dict[int, int] = {}
_depths_at = 0
_share = budgets.Share(LEAST_TOLD, TOLD)
_opened_at = 0


def install(active: Any) -> None:
    global session, _keeper
    session = active
    core = native.installed()
    if core is None:
        _keeper = process_notes
        process_notes.install(active, _blocked, _messages_spent)
    else:
        _keeper = core
        native.answer(
            timeout=_timeout,
            blocked=_blocked_natively,
            messages_spent=_messages_spent,
            connection=process_objects.connection_id,
        )
    process_objects.install(active)
    active.empties(_depths)
    _refill(monotonic_ns(), FIRST_TOLD)
    active.patches.on_import("multiprocessing.connection", _patch)
    active.patches.on_import("multiprocessing.queues", process_objects.patch_queues)


def uninstall() -> None:
    global session
    session = None
    process_objects.install(None)
    process_notes.install(None, None, None)


def after_fork_child(active: Any) -> None:
    process_objects.after_fork()
    if _keeper is process_notes:
        process_notes.install(active, _blocked, _messages_spent)
    _refill(monotonic_ns(), FIRST_TOLD)


def after_fork_parent() -> None:
    process_notes.forked()


def notes() -> int:
    """Notes that Python code has made so far."""
    return process_notes.made()


def _patch(module: ModuleType) -> None:
    connection: Any = getattr(module, "Connection", None)
    hooks = {
        "polling": _keeper.polling,
        "over": _keeper.over,
        "message": _keeper.message,
        "pipe": process_objects.pipe_made,
    }
    reading = "_interleave_note = _interleave_reading(self)"
    writing = "_interleave_note = _interleave_writing(self)"
    read = ended = over = "_interleave_over(_interleave_note)"
    message = "_interleave_message(self, buf)"
    if _keeper is process_notes:
        hooks.update(process_notes.hooks(vars(module)))
        reading, writing = process_notes.READING, process_notes.WRITING
        read, ended = process_notes.READ, process_notes.END
        message = process_notes.MESSAGE
    else:
        hooks.update(reading=_keeper.reading, writing=_keeper.writing)
    if connection is not None:
        loop = "while remaining > 0:"
        edits.edit(connection._recv, [(loop, "before", reading), (loop, "around", read)], hooks)
        loop = "while True:"
        edits.edit(connection._send, [(loop, "before", writing), (loop, "around", ended)], hooks)
        poll = "r = wait([self], timeout)"
        noted, polled = "_interleave_note = _interleave_polling(self, timeout)", over
        if _keeper is process_notes:
            noted, polled = process_notes.POLLING, process_notes.POLLED
        edits.edit(connection._poll, [(poll, "before", noted), (poll, "around", polled)], hooks)
        edits.edit(connection._send_bytes, [("", "first", message)], hooks)
    if hasattr(module, "PipeConnection"):
        if _keeper is process_notes:
            reading = process_notes.READING_ALL
        _patch_windows(module, hooks, reading, writing, ended, message)
    pipe = getattr(module, "Pipe", None)
    if pipe is not None:
        edits.edit(pipe, [("return c1, c2", "before", "_interleave_pipe(c1, c2)")], hooks)


def _patch_windows(
    module: Any, hooks: "Dict[str, Any]", reading: str, writing: str, ended: str, message: str
) -> None:
    """Named pipes, which are waited for in another way, and have no number that all processes know."""
    connection = module.PipeConnection
    waits_for_it = "waitres = _winapi.WaitForMultipleObjects("
    for function, begin in (
        (connection._recv_bytes, reading),
        (connection._send_bytes, writing),
    ):
        edits.edit(
            function, [(waits_for_it, "before", begin), (waits_for_it, "around", ended)], hooks
        )
    poll = "return bool(wait([self], timeout))"
    noted = "_interleave_note = _interleave_polling(self, timeout)"
    over = "_interleave_over(_interleave_note)"
    edits.edit(connection._poll, [(poll, "before", noted), (poll, "around", over)], hooks)
    edits.edit(connection._send_bytes, [("", "first", message)], hooks)
    given = {
        "sent": process_objects.pipe_sent,
        "fetching": process_objects.pipe_fetching,
        "fetched": process_objects.pipe_fetched,
    }
    edits.edit(
        module.reduce_pipe_connection,
        [("dh = reduction.DupHandle(", "after", "_interleave_sent(conn, dh)")],
        given,
    )
    edits.edit(
        module.rebuild_pipe_connection,
        [
            ("handle = dh.detach()", "before", "_interleave_what = _interleave_fetching(dh)"),
            (
                "return PipeConnection(",
                "replace",
                "_interleave_made = PipeConnection(handle, readable, writable)\n"
                "try:\n _interleave_fetched(_interleave_made, _interleave_what)\n"
                "except Exception as _interleave_error:\n if _interleave_foreign(_interleave_error): raise\n"
                "return _interleave_made",
            ),
        ],
        given,
    )


# -- what whoever keeps the notes asks -------------------------------------------------------------------------------


def _blocked(
    frame: FrameType,
    connection: Any,
    op: int,
    actor: int,
    began: int,
    now: int,
    timeout: int,
    result: int = RESULT_DONE,
) -> None:
    """A read, write or poll that has lasted a little is over."""
    if session is None or waits.current(actor) is not None:
        return
    op, number, stack, _ = _describe(connection, op, frame)
    if timeout:
        op |= WAIT_TIMEOUT
    emit_at = session.ring.emit_at
    emit_at(KIND_WAIT_BEGIN, op, actor, began, number, stack, timeout)
    emit_at(KIND_WAIT_END, result, actor, now, number, stack, 0)


def _blocked_natively(
    connection: Any, op: int, actor: int, began: int, now: int, timeout: int
) -> None:
    _blocked(sys._getframe(2), connection, op, actor, began, now, timeout)


def _timeout(timeout: Any) -> int:
    """The same, 0 for a poll that does not wait."""
    return milliseconds(timeout) if timeout > 0 else 0


def _messages_spent() -> None:
    if session is not None:
        session.say_partly(
            "messages",
            "Of messages sent thousands of times a second, and of short waits for them, only a part is told of.",
        )


def _refill(now: int, least: int = 0) -> None:
    global _opened_at
    _opened_at = now
    _keeper.allow_messages(max(least, _share.next()))


# -- called by the watcher -------------------------------------------------------------------------------------------


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Reads and writes that have lasted become waits; depths of queues that have changed are told."""
    global _depths_at
    if session is None:
        return
    if now - _opened_at >= 2 * LONG:
        _refill(now)
    for ident, began, connection, op, actor, timeout in _keeper.lasting(now - LONG):
        frame = frames().get(ident)
        if frame is None or not _keeper.became(ident, began, 0):
            continue
        op, number, stack, owners = _describe(connection, op, frame)
        token = waits.begin(
            op,
            number,
            stack,
            timeout,
            actor=actor,
            owners=(lambda _, found=owners: found) if owners else None,  # type: ignore[misc]
            since=began,
        )
        if not _keeper.became(ident, began, token):  # it has ended meanwhile
            waits.end(token, RESULT_DONE)
    if now - _depths_at >= LONG:
        _depths_at = now
        _tell_depths()


def _describe(
    connection: Any, op: int, frame: FrameType
) -> Tuple[int, int, int, List[Tuple[int, int, int]]]:
    """What the program called: a queue's get or put, a manager's method, or the connection itself."""
    if type(connection) is process_locks.Known:
        return process_locks.describe(connection, frame)
    stack = int(session.sink.stack(frame))
    found = process_objects.operation(frame)
    if found is not None:
        outer, number, pid = found
        number = number or process_objects.connection_id(connection)
        return outer or op, number, stack, ([(OWNER_PROCESS, pid, 0)] if pid else [])
    number = process_objects.connection_id(connection)
    return (op if number else WAIT_IO), number, stack, []


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
