"""The innermost frames of all threads, where asking for them is safe."""

from __future__ import annotations

import sys
from types import FrameType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict


def current() -> Dict[int, FrameType]:
    """Thread -> frame; empty while sub-interpreters live, whose threads may run under a GIL of their own.

    `sys._current_frames` walks their threads too, and crashes when they move meanwhile. Clear the dict before anything
    that may give the GIL away.
    """
    modules = sys.modules
    interpreters = modules.get("_interpreters") or modules.get("_xxsubinterpreters")
    if interpreters is not None and len(interpreters.list_all()) > 1:
        return {}
    return sys._current_frames()
