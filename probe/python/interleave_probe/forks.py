"""Forks: who forked, where, and how many other threads were alive, whose locks the child keeps for ever."""

from __future__ import annotations

import sys
from _thread import get_ident

from . import actors, watcher
from .kinds import KIND_PROCESS_FORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple

    from . import Session

_session: "Optional[Session]" = None
# By thread: several may fork at once.
_forking: Dict[int, Tuple[int, int, int]] = {}


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
        session.ring.emit(
            KIND_PROCESS_FORK, min(others, 0xFFFF), actor, _latest_child(), stack, others
        )


def after_fork_child(session: "Session") -> None:
    """Those who were about to fork in the parent are not here."""
    _forking.clear()


def _latest_child() -> int:
    """Process id of the thread's newest child where the system tells, else 0."""
    try:
        with open("/proc/thread-self/children", "rb") as children:
            return int(children.read().split()[-1])
    except (OSError, ValueError, IndexError):
        return 0
