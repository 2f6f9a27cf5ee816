"""The program's garbage is collected in its own threads: what a finalizer lets go may belong to one, as windows of Tk do,
which end the process when another thread does, and connections of sqlite3."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

# Without a GIL others would find the collector off, and might believe that it is to stay so.
_shared = getattr(sys, "_is_gil_enabled", lambda: True)
_kept_off = False


def left_alone(step: Callable[[int], int], given: int) -> int:
    """Calls with the collector off; who has the GIL for that time sees it as it was."""
    global _kept_off
    if not gc.isenabled() or not _shared():
        return step(given)
    gc.disable()
    _kept_off = True
    try:
        return step(given)
    finally:
        collect_again()


def collect_again() -> None:
    """After such a call; and in a forked child, where one that gave the GIL away does not go on."""
    global _kept_off
    if _kept_off:
        gc.enable()
    _kept_off = False
