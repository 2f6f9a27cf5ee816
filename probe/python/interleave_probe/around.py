"""What is entered before a line that waits and left after it, and how long it will at the most."""

from __future__ import annotations

from . import waits
from .kinds import RESULT_DONE, RESULT_ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Optional, Type


def milliseconds(timeout: "Optional[float]") -> int:
    """0 for none, at least 1 for a wait that ends by itself."""
    if timeout is None:
        return 0
    try:
        return max(1, min(int(timeout * 1000), 0xFFFF_FFFF))
    except (TypeError, ValueError, OverflowError):
        return 1


class Around:
    """The wait that its line is: begun by whoever makes it, 0 for none that is told of."""

    __slots__ = ("token",)

    def __init__(self) -> None:
        self.token = 0

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: "Optional[Type[BaseException]]",
        error: object,
        traceback: "Optional[TracebackType]",
    ) -> None:
        if self.token:
            waits.end(self.token, RESULT_ERROR if kind is not None else self.result())

    def result(self) -> int:
        """How it has ended where nothing was raised."""
        return RESULT_DONE
