"""Programs that wait for a child which waits for them to read: its output has filled a pipe that only this process can empty.

The system says in which call a thread stands, and which processes have which end of a pipe. What is seen unchanged in
two looks, half a second apart, is told of the waits that it keeps from ending. Linux only.
"""

from __future__ import annotations

import sys

from . import actors, fds, waits
from .clock import monotonic_ns
from .files import system
from .kinds import OWNER_PROCESS, RESULT_DONE, WAIT_PROCESS_JOIN, WAIT_RECEIVE, WAIT_SEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable, Dict, List, Optional, Tuple

    # (the call with its arguments, the process that stands in it, descriptor, pipe)
    Call = Tuple[bytes, int, int, str]

# machine -> numbers of the system's calls: read and readv, write and writev, wait4 and waitid.
CALLS = {
    "x86_64": ((0, 19), (1, 20), (61, 247)),
    "aarch64": ((63, 65), (64, 66), (260, 95)),
    "riscv64": ((63, 65), (64, 66), (260, 95)),
}
EVERY = 500_000_000
MOST = 8
MOST_THREADS = 16
# To look at all processes of the system takes some milliseconds: a hundredth of the time.
SHARE = 100
NAMES = {0: "stdin", 1: "stdout", 2: "stderr"}

session: Any = None
_calls: Any = None
_looked_at = 0
_family_at = 0
# Children that the program has started with subprocess, and that have not ended.
started: Dict[int, bool] = {}
# What waits -> where its child stood at the last look, and where it stands itself
_standing: "Dict[int, Tuple[Any, ...]]" = {}
# token of a wait -> object of the pipe that its child cannot write to
_told: Dict[int, int] = {}
# thread's ident -> (its call, token of the wait that was told of it)
_own: "Dict[int, Tuple[bytes, int]]" = {}


def install(active: Any) -> None:
    global session, _calls
    session = active
    active.empties(started, _standing, _told, _own)
    _calls = CALLS.get(system.uname().machine) if sys.platform == "linux" else None


def uninstall() -> None:
    global session
    session = None
    for kept in (started, _standing, _told, _own):
        kept.clear()


def watch(now: int, frames: "Callable[[], Dict[int, FrameType]]") -> None:
    """Twice a second, while somebody waits for long for a process, or has started one."""
    global _looked_at
    if session is None or _calls is None or now - _looked_at < EVERY:
        return
    _looked_at = now
    before = dict(_standing)
    _standing.clear()
    joins = [
        wait
        for wait in list(waits.open_waits.values())
        if wait.op == WAIT_PROCESS_JOIN and now - wait.since >= EVERY
    ]
    for wait in joins[:MOST]:
        _look(wait, before.get(wait.id))
    if started or _own:
        _look_at_threads(now, before, frames)
    for token in [token for token in _told if token not in waits.open_waits]:
        del _told[token]


# -- who waits for the end of a child --------------------------------------------------------------------------------


def _look(wait: "waits.Wait", before: "Optional[Tuple[Any, ...]]") -> None:
    owners = wait.owners(0) if wait.owners is not None else []
    if len(owners) != 1 or owners[0][0] != OWNER_PROCESS:
        return
    call = _writing(owners[0][1], before)
    if call is None:
        wait.blocked_by = 0  # it goes on
        return
    _standing[wait.id] = call
    if before == call and (wait.id in _told or _only_we_read(call)):
        if wait.id not in _told:
            _told[wait.id] = _pipe(call)
        wait.blocked_by = _told[wait.id]


def _writing(pid: int, before: "Optional[Tuple[Any, ...]]" = None) -> "Optional[Call]":
    """Where a process stands whose first thread writes to a pipe, or one that comes from it and that it waits for."""
    call = _call_of(str(pid), pid, _calls[1])
    if call is not None or fds.call_number(str(pid)) not in _calls[2]:
        return call
    if before is not None and before[1] != pid:
        return _call_of(str(before[1]), before[1], _calls[1])
    family = _family(pid) or ()
    return next(filter(None, (_call_of(str(one), one, _calls[1]) for one in family)), None)


def _call_of(of: str, pid: int, numbers: "Tuple[int, ...]") -> "Optional[Call]":
    call, number = fds.call(of, numbers)
    pipe = fds.pipe_at(str(pid), number) if number >= 0 else ""
    return (call, pid, number, pipe) if pipe else None


def _only_we_read(call: "Call") -> bool:
    """Whether this process has the reading end of the pipe, and none that comes from it, to whom it may have given it."""
    pipe = call[3]
    if fds.end_of("self", pipe, True) < 0:
        return False
    others = _family(session.pid, True)
    return others is not None and all(fds.end_of(str(other), pipe, True) < 0 for other in others)


def _family(pid: int, always: bool = False) -> "Optional[List[int]]":
    """All processes that come from one; None when nobody says, or it was asked for a moment ago."""
    global _family_at
    before = monotonic_ns()
    if before < _family_at and not always:
        return None
    found = fds.family(pid)
    after = monotonic_ns()
    _family_at = after + SHARE * (after - before)
    return found


def _pipe(call: "Call", pid: int = 0, number: int = 0, pipe: str = "") -> int:
    """Object of the pipe that a process stands at, or has at a descriptor."""
    if not pid:
        _, pid, number, pipe = call
    name = f"{NAMES.get(number, f'descriptor {number}')} of process {pid}"
    return int(session.sink.object("Connection", "subprocess", 0, shared=pipe, name=name))


# -- who reads one pipe of a child that is full of another, or writes to it ------------------------------------------


def _look_at_threads(
    now: int, before: "Dict[int, Tuple[Any, ...]]", frames: "Callable[[], Dict[int, FrameType]]"
) -> None:
    here: "Dict[int, Tuple[actors.ThreadInfo, Call, int]]" = {}
    for ident, info in list(actors.by_ident.items())[:MOST_THREADS]:
        native = info.native or (session.pid if info.main else 0)
        if not native or info.ended or (info.id in waits.by_actor and ident not in _own):
            continue
        call = _call_of(f"self/task/{native}", session.pid, _calls[0] + _calls[1])
        if call is not None:
            reads = int(call[0].split()[0]) in _calls[0]
            here[ident] = (info, call, WAIT_RECEIVE if reads else WAIT_SEND)
    for ident in list(_own):
        if ident not in here or here[ident][1][0] != _own[ident][0]:
            waits.end(_own.pop(ident)[1], RESULT_DONE)
    for ident, (info, call, op) in here.items():
        if ident in _own:
            continue
        for pid in list(started)[:MOST]:
            full = _writing(pid)
            if full is None or full[3] == call[3]:
                continue
            # Threads and tokens are told apart by the sign.
            _standing[-ident] = (call, full)
            number = fds.end_of(str(pid), call[3], op == WAIT_SEND)
            if before.get(-ident) != (call, full) or number < 0 or not _only_we_read(full):
                continue
            _begin(now, info, call, op, full, number, frames)
            break


def _begin(
    now: int,
    info: "actors.ThreadInfo",
    call: "Call",
    op: int,
    full: "Call",
    number: int,
    frames: "Callable[[], Dict[int, FrameType]]",
) -> None:
    frame = frames().get(info.ident)
    if frame is None:
        return
    pid = full[1]
    token = waits.begin(
        op,
        _pipe(call, pid, number, call[3]),
        session.sink.stack(frame),
        0,
        actor=info.id,
        owners=lambda _: [(OWNER_PROCESS, pid, 0)],
        since=now - EVERY,
    )
    wait = waits.open_waits.get(token)
    if wait is not None:
        wait.blocked_by = _pipe(full)
        _own[info.ident] = (call[0], token)
