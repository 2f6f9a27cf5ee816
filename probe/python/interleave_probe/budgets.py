"""How much may be told in a period: by what the program itself has done in it, so that a busy machine buys nothing more."""

from __future__ import annotations

from time import process_time_ns

# CPU time of the program for which a whole period's budget is given.
WHOLE = 100_000_000


class Share:
    """Gives a part of a whole for the CPU time the process has used since the last time, at least a little."""

    __slots__ = ("_least", "_used", "_whole")

    def __init__(self, least: int, whole: int) -> None:
        self._used = process_time_ns()
        self._least = least
        self._whole = whole

    def next(self) -> int:
        used = process_time_ns()
        part = min(max(used - self._used, 0), WHOLE)
        self._used = used
        return max(self._least, self._whole * part // WHOLE)
