"""Forks: who forked, where, and how many other threads were alive, whose locks the child keeps for ever."""

from __future__ import annotations

import sys

from . import actors, watcher
from .kinds import KIND_PROCESS_FORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

    from . import Session

_session: "Optional[Session]" = None
_forking: Tuple[int, int, int] = (0, 0, 0)


def install(session: "Session") -> None:
    """Forks are told by the interpreter itself."""
    global _session
    _session = session


def uninstall() -> None:
    """Nothing to put back."""
    global _session
    _session = None


def before_fork() -> None:
    """In the parent, right before."""
    global _forking
    session = _session
    if session is not None:
        _forking = (actors.current(), session.sink.stack(sys._getframe(1)), watcher.threads_alive())


def after_fork_parent() -> None:
    """In the parent, right after."""
    session = _session
    if session is not None:
        actor, stack, others = _forking
        session.ring.emit(
            KIND_PROCESS_FORK, min(others, 0xFFFF), actor, _latest_child(), stack, others
        )


def _latest_child() -> int:
    """Process id of the thread's newest child where the system tells, else 0."""
    try:
        with open("/proc/thread-self/children", "rb") as children:
            return int(children.read().split()[-1])
    except (OSError, ValueError, IndexError):
        return 0
