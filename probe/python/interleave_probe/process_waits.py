"""Waits for children that the program makes by itself: os.waitpid, os.wait and the like, and reads of their output.

The functions of `os` stay what they are. A thread that stands in code which names one of them is looked up in what the
system says of it: the call that it is in, and the process it waits for. Where the system does not say, nothing is told.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType

from . import actors, waits
from .around import Around, milliseconds
from .files import contents, system
from .kinds import OWNER_PROCESS, RESULT_DONE, WAIT_PROCESS_JOIN, WAIT_RECEIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    Owner = Tuple[int, int, int]

NAMES = frozenset(("waitpid", "wait", "wait3", "wait4", "waitid", "waitstatus_to_exitcode"))
# machine -> numbers of the system's calls: wait4, whose first argument is a process, and waitid, whose second is.
CALLS = {"x86_64": (61, 247), "aarch64": (260, 95), "riscv64": (260, 95)}
EVERY = 50_000_000
MOST_CHILDREN = 32
ONE_PROCESS = 1

session: Any = None
_calls: Optional[Tuple[int, int]] = None
_looked_at = 0
# id(code) -> (code, True when it names one of the functions)
_codes: Dict[int, Tuple[CodeType, bool]] = {}
# thread's ident -> (frame's address, instruction, when it was first seen there)
_standing: Dict[int, Tuple[int, int, int]] = {}
# thread's ident -> token of its wait
_waiting: Dict[int, int] = {}


def install(active: Any) -> None:
    global session, _calls
    session = active
    active.empties(_standing, _waiting)
    _calls = CALLS.get(system.uname().machine) if sys.platform == "linux" else None


def uninstall() -> None:
    global session
    session = None
    _standing.clear()
    _waiting.clear()


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Twenty times a second: threads that have stood for a while where a process may be waited for."""
    global _looked_at
    if session is None or _calls is None or now - _looked_at < EVERY:
        return
    _looked_at = now
    here: Dict[int, Tuple[int, int]] = {}
    running = frames()
    for ident, frame in running.items():
        if _names_one(frame.f_code):
            here[ident] = (id(frame), frame.f_lasti)
    for ident in list(_standing):
        if _standing[ident][:2] != here.get(ident):
            del _standing[ident]
            _end(ident)
    for ident, place in here.items():
        known = _standing.get(ident)
        if known is None:
            _standing[ident] = (*place, now)
            continue
        info = actors.by_ident.get(ident)
        native = (info.native or (session.pid if info.main else 0)) if info is not None else 0
        if info is None or not info.id or not native:
            continue
        if ident in _waiting:
            if _awaited(native) is None:  # the same line again, between two calls
                _end(ident)
        elif info.id not in waits.by_actor:
            _begin(ident, info.id, native, known[2], running[ident])
    running.clear()


def _begin(ident: int, actor: int, native: int, since: int, frame: FrameType) -> None:
    awaited = _awaited(native)
    if awaited is None:
        return

    def owners(_: int) -> List[Owner]:
        pids = [awaited] if awaited > 0 else children()
        return [(OWNER_PROCESS, pid, 0) for pid in pids[:MOST_CHILDREN]]

    _waiting[ident] = waits.begin(
        WAIT_PROCESS_JOIN, 0, session.sink.stack(frame), 0, actor=actor, owners=owners, since=since
    )


def _end(ident: int) -> None:
    token = _waiting.pop(ident, 0)
    if token:
        waits.end(token, RESULT_DONE)


def _names_one(code: CodeType) -> bool:
    known = _codes.get(id(code))
    if known is None or known[0] is not code:
        if len(_codes) > 10_000:
            _codes.clear()
        known = _codes[id(code)] = (code, not NAMES.isdisjoint(code.co_names))
    return known[1]


def _awaited(native: int) -> Optional[int]:
    """The process that a thread waits for in the system, 0 for any child, None when it is not in such a call."""
    calls = _calls
    if calls is None:
        return None
    try:
        words = contents(f"/proc/self/task/{native}/syscall").split()
        number = int(words[0])
        if number == calls[0]:
            return max(_signed(words[1]), 0)
        if number == calls[1]:
            return _signed(words[2]) if int(words[1], 16) == ONE_PROCESS else 0
    except (OSError, ValueError, IndexError):
        pass
    return None


def _signed(word: bytes) -> int:
    value = int(word, 16) & 0xFFFF_FFFF
    return value - (1 << 32) if value >> 31 else value


def children() -> List[int]:
    """The children of this process that the system knows."""
    found: List[int] = []
    try:
        for thread in system.listdir("/proc/self/task"):
            found.extend(map(int, contents(f"/proc/self/task/{thread}/children").split()))
    except OSError:
        pass
    return found


class Reading(Around):
    """Around a line of subprocess that reads what a child writes."""

    __slots__ = ()

    def __init__(self, popen: Any, timeout: Any = None) -> None:
        self.token = 0
        pid = popen.pid
        if (
            session is None
            or popen.returncode is not None
            or (timeout is not None and not timeout > 0)
        ):
            return
        self.token = waits.begin(
            WAIT_RECEIVE,
            0,
            session.sink.stack(sys._getframe(1)),
            milliseconds(timeout),
            owners=lambda _: [(OWNER_PROCESS, pid, 0)],
        )
