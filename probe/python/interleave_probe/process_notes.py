"""Reads, writes and messages between processes where the native core does not note them: the same functions as it has.

Whether a read will block is not known before it has; each read and write leaves a note, and only one that lasts
becomes a wait. What nearly all of them need is put into the library's functions themselves: see `hooks`.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from itertools import count

from . import actors, objects, process_objects, waits
from .around import milliseconds
from .clock import monotonic_ns
from .kinds import KIND_MESSAGE, RESULT_DONE, WAIT_RECEIVE, WAIT_SEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Dict, List, Optional, Tuple

    # (thread's ident, when it began, connection, wait, actor, timeout in ms)
    Lasting = Tuple[int, int, Any, int, int, int]
    # A read, write or poll that may block, or a semaphore inside of a queue: when it began, connection or what is known of
    # the semaphore, wait, timeout, token, which of all notes it is. No class: this is made for each of them.
    Note = List[Any]

SHORT = 1_000_000
TOKEN = 4
MASK = 0xFFFF_FFFF

session: Any = None
# Tells of a wait that is over: (frame, connection, wait, actor, began, now, timeout, result).
_blocked: Any = None
# Says that no more messages are told of.
_spent: Any = None
_left = 0
_count = count()
tick = _count.__next__
_before = 0
# The names of multiprocessing.connection, which say whether messages are told of now and whether this note is the first.
_names: Dict[str, Any] = {}

# thread ident -> its note. One inside of another, of a signal handler, takes its place.
notes: Dict[int, Note] = {}


def install(active: Any, blocked: Any, spent: Any) -> None:
    global session, _blocked, _spent, _before
    session, _blocked, _spent = active, blocked, spent
    _before = _ticks()
    notes.clear()
    forked()


def forked() -> None:
    """Also in the parent: the watcher may have to be started with the first thing to watch."""
    if "_interleave_new" in _names:
        _names["_interleave_new"] = True


def hooks(names: Dict[str, Any]) -> Dict[str, Any]:
    """What the snippets below use, in the module with these names."""
    global _names
    _names = names
    return {
        "new": True,
        "first": _first,
        "telling": True,
        "notes": notes,
        "ident": get_ident,
        "clock": monotonic_ns,
        "tick": tick,
    }


def begin(op: int, when: str = "") -> str:
    """Before a loop that reads or writes; `when`: the reads that are noted at all."""
    noted = f"""
if _interleave_new: _interleave_first()
_interleave_me = _interleave_ident()
_interleave_note = [_interleave_clock(), self, {op}, 0, 0, _interleave_tick()]
_interleave_notes[_interleave_me] = _interleave_note
"""
    if not when:
        return noted
    return (
        f"if {when}:" + noted.replace("\n", "\n ").rstrip(" ") + "else: _interleave_note = None\n"
    )


# After it, however it has ended.
END = f"""
if _interleave_clock() - _interleave_note[0] < {SHORT}: _interleave_notes.pop(_interleave_me, None)
else: _interleave_over(_interleave_note)
"""
# A message's length comes first, in four bytes, and with it in one write whatever is not long.
READING = begin(WAIT_RECEIVE, "size == 4 or size > 500")
READ = "if _interleave_note is not None:" + END.replace("\n", "\n ").rstrip(" ")
WRITING = begin(WAIT_SEND)
READING_ALL = begin(WAIT_RECEIVE)
POLLING = "_interleave_note = None if timeout == 0 else _interleave_polling(self, timeout)"
POLLED = "if _interleave_note is not None: _interleave_over(_interleave_note)"
MESSAGE = "if _interleave_telling: _interleave_message(self, buf)"


def _first() -> None:
    _names["_interleave_new"] = False
    if waits.on_first is not None and session is not None:
        waits.on_first()


def polling(connection: Any, timeout: Any) -> Optional[Note]:
    if timeout is not None and not timeout > 0:
        return None
    return note(connection, WAIT_RECEIVE, milliseconds(timeout))


def note(what: Any, op: int, timeout: int) -> Optional[Note]:
    """The same by a call."""
    if session is None:
        return None
    if waits.on_first is not None:  # a forked child starts its watcher with the first to watch
        waits.on_first()
    new = notes[get_ident()] = [monotonic_ns(), what, op, timeout, 0, tick()]
    return new


def over(
    note: Optional[Note], result: int = RESULT_DONE, frame: Optional[FrameType] = None
) -> None:
    if note is None:
        return
    ident = get_ident()
    if notes.get(ident) is note:
        del notes[ident]
    began, what, op, timeout, token, _ = note
    if token:
        waits.end(token, result)
        return
    now = monotonic_ns()
    if now - began >= SHORT and session is not None and _may_tell():
        frame = frame or sys._getframe(2)
        _blocked(frame, what, op, actors.current(), began, now, timeout, result)


def message(connection: Any, data: Any) -> None:
    global _left
    if session is None:
        return
    if _left > 0:
        _left -= 1
    elif not _may_tell():
        return
    try:
        size = len(data)
    except TypeError:
        return
    number = objects.known_id(connection) or process_objects.connection_id(connection)
    session.ring.emit(KIND_MESSAGE, 0, actors.current(), number, size if size < MASK else MASK, 0)


def _may_tell() -> bool:
    """True while the budget lasts: of more messages and short waits only those are told that last."""
    global _left
    if _left > 0 or session.full:
        _left -= 1
        return True
    if _left == 0:
        _left = -1
        if _names:
            _names["_interleave_telling"] = False
        _spent()
    return False


def allow_messages(number: int) -> None:
    """So many more messages and short waits may be told of."""
    global _left
    _left = max(_left, number)
    if _names:
        _names["_interleave_telling"] = True


def lasting(before: int) -> List[Lasting]:
    """The notes from before a time that are no waits yet."""
    return [
        (ident, note[0], note[1], note[2], _actor(ident), note[3])
        for ident, note in list(notes.items())
        if not note[TOKEN] and note[0] <= before
    ]


def _actor(ident: int) -> int:
    """Who acts in a thread: nobody writes that down for a note, as most are over at once."""
    loops = sys.modules.get("interleave_probe.aio_tasks")
    task = loops.task_in(ident) if loops is not None else 0
    return task or actors.seen(ident).id


def became(ident: int, began: int, token: int) -> bool:
    """Whether that note is there still: it is this wait now. Token 0 only asks."""
    note = notes.get(ident)
    if note is None or note[0] != began:
        return False
    note[TOKEN] = token or note[TOKEN]
    return True


def made() -> int:
    """Notes so far."""
    return _ticks() - _before


def _ticks() -> int:
    return int(repr(_count)[6:-1])
