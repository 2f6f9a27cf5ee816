"""Forks: who forked, where, and how many other threads were alive, whose locks the child keeps for ever."""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from . import actors, watcher
from .files import FLAGS, system
from .kinds import KIND_PROCESS_FORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, Optional, Tuple

    from .recorded import Session

_session: "Optional[Session]" = None
_latest: "Callable[[], int]"
_PART = 1 << 12
# Longer than any number.
_WORD = 32
# By thread: several may fork at once.
_forking: Dict[int, Tuple[int, int, int]] = {}


def install(session: "Session") -> None:
    """Forks are told by the interpreter itself."""
    global _session, _latest
    _session = session
    _latest = getattr(session.native, "latest_child", _latest_child)
    # Those who were about to fork in the parent are not in the child.
    session.empties(_forking)


def uninstall() -> None:
    """Nothing to put back."""
    global _session
    _session = None


def before_fork() -> None:
    """In the parent, right before."""
    session = _session
    if session is not None:
        _forking[get_ident()] = (
            actors.current(),
            session.sink.stack(sys._getframe(1)),
            watcher.threads_alive(),
        )


def after_fork_parent() -> None:
    """In the parent, right after."""
    session = _session
    if session is not None:
        actor, stack, others = _forking.pop(get_ident(), (0, 0, 0))
        session.ring.emit(KIND_PROCESS_FORK, min(others, 0xFFFF), actor, _latest(), stack, others)


def _latest_child() -> int:
    """Process id of the thread's newest child where the system tells, else 0."""
    try:
        # Every parent pays for this, and its pages are its child's still: no file object.
        fd = system.open("/proc/thread-self/children", os.O_RDONLY | FLAGS)
        try:
            return int(_last_of(fd))
        finally:
            system.close(fd)
    except (OSError, ValueError, IndexError):
        return 0


def _last_of(fd: int) -> bytes:
    """The last word of a file."""
    found = part = system.read(fd, _PART)
    while part:
        part = system.read(fd, _PART)
        found = found[-_WORD:] + part
    return found.split()[-1]
