"""Reads, writes and messages between processes where the native core does not note them: the same functions as it has.

Whether a read will block is not known before it has; each read and write leaves a note, and only one that lasts
becomes a wait.
"""

from __future__ import annotations

import sys
from _thread import get_ident

from . import actors, process_objects, waits
from .around import milliseconds
from .clock import monotonic_ns
from .kinds import KIND_MESSAGE, RESULT_DONE, WAIT_RECEIVE, WAIT_SEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    # (thread's ident, when it began, connection, wait, actor, timeout in ms)
    Lasting = Tuple[int, int, Any, int, int, int]
    # A read, write or poll that may block: when it began, connection, wait, actor, timeout, token, the one it is inside of.
    # No class: this is made for each of them.
    Note = List[Any]

SHORT = 1_000_000
TOKEN = 5
MASK = 0xFFFF_FFFF

session: Any = None
# Tells of a wait that is over: (frame, connection, wait, actor, began, now, timeout).
_blocked: Any = None
# Says that no more messages are told of.
_spent: Any = None
_left = 0
_made = 0


# thread ident -> its note
_notes: Dict[int, Note] = {}


def install(active: Any, blocked: Any, spent: Any) -> None:
    global session, _blocked, _spent, _made
    session, _blocked, _spent = active, blocked, spent
    _made = 0
    _notes.clear()


def reading(connection: Any) -> Optional[Note]:
    return _note(connection, WAIT_RECEIVE, 0)


def writing(connection: Any) -> Optional[Note]:
    return _note(connection, WAIT_SEND, 0)


def polling(connection: Any, timeout: Any) -> Optional[Note]:
    if timeout is not None and not timeout > 0:
        return None
    return _note(connection, WAIT_RECEIVE, milliseconds(timeout))


def _note(connection: Any, op: int, timeout: int) -> Optional[Note]:
    global _made
    if session is None:
        return None
    if waits.on_first is not None:  # a forked child starts its watcher with the first to watch
        waits.on_first()
    _made += 1
    ident = get_ident()
    actor, outer = actors.current(), _notes.get(ident)
    note = _notes[ident] = [monotonic_ns(), connection, op, actor, timeout, 0, outer]
    return note


def over(note: Optional[Note]) -> None:
    if note is None:
        return
    ident = get_ident()
    began, connection, op, actor, timeout, token, outer = note
    if outer is None:
        _notes.pop(ident, None)
    else:
        _notes[ident] = outer
    if token:
        waits.end(token, RESULT_DONE)
        return
    now = monotonic_ns()
    if now - began >= SHORT and session is not None and _may_tell():
        _blocked(sys._getframe(2), connection, op, actor, began, now, timeout)


def message(connection: Any, data: Any) -> None:
    if session is None or not _may_tell():
        return
    try:
        size = len(data)
    except TypeError:
        return
    number = process_objects.connection_id(connection)
    session.ring.emit(KIND_MESSAGE, 0, actors.current(), number, min(size, MASK), 0)


def _may_tell() -> bool:
    """True while the budget lasts: of more messages and short waits only those are told that last."""
    global _left
    if _left > 0 or session.full:
        _left -= 1
        return True
    if _left == 0:
        _left = -1
        _spent()
    return False


def allow_messages(number: int) -> None:
    """So many more messages and short waits may be told of."""
    global _left
    _left = max(_left, number)


def lasting(before: int) -> List[Lasting]:
    """The notes from before a time that are no waits yet."""
    return [
        (ident, *note[:5])
        for ident, note in list(_notes.items())
        if not note[TOKEN] and note[0] <= before
    ]


def became(ident: int, began: int, token: int) -> bool:
    """Whether that note is there still: it is this wait now. Token 0 only asks."""
    note = _notes.get(ident)
    if note is None or note[0] != began:
        return False
    note[TOKEN] = token or note[TOKEN]
    return True


def made() -> int:
    """Notes so far."""
    return _made
