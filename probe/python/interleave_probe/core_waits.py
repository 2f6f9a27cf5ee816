"""How long threads that compute side by side stood ready and had no core, as Linux counts it: then no lock was in their way."""

from __future__ import annotations

import os

from . import actors
from .files import FLAGS, system
from .kinds import KIND_CORE_WAIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Tuple

    from .ring import Ring

MS = 1_000_000
# Who has computed less than this since the last time is not asked: that costs some microseconds, and the GIL.
WORTH = 20 * MS
MOST = 16


def say(ring: Ring, computing: "Iterable[Tuple[actors.ThreadInfo, int]]") -> None:
    """For the watcher: of threads and the CPU time that each has used since this was said last, where there are several."""
    asked = [info for info, used in computing if used >= WORTH and info.native is not None]
    if len(asked) < 2:
        return
    for info in asked[:MOST]:
        ran, waited = _of_thread(info.native or 0)
        if ran and not info.ended:
            ring.emit(KIND_CORE_WAIT, 0, info.id, min(waited // 1000, 0xFFFF_FFFF), ran // 1000, 0)


def _of_thread(tid: int) -> Tuple[int, int]:
    """ns that it ran, and that it was ready, in all its life; 0 where nobody counts."""
    try:
        fd = system.open(f"/proc/self/task/{tid}/schedstat", os.O_RDONLY | FLAGS)
        try:
            words = system.read(fd, 100).split()
        finally:
            system.close(fd)
    except Exception:
        # No such file, a thread that has just ended, or an audit hook of the program that allows none.
        return 0, 0
    return (int(words[0]), int(words[1])) if len(words) > 1 else (0, 0)
