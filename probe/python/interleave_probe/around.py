"""What is entered before a line that waits and left after it."""

from __future__ import annotations

from . import waits
from .kinds import RESULT_DONE, RESULT_ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Optional, Type


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
