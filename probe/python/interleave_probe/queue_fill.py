"""How full a queue is: as it was last written, and in the moment that it dies."""

from __future__ import annotations

from _collections import deque  # type: ignore[import-not-found]  # `collections` would be read from its file
from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


class Fill:
    """What is known of one queue's items, which are neither kept nor touched."""

    __slots__ = ("_items", "depth", "id", "put", "unfinished")

    def __init__(self) -> None:
        # Object id of the queue, 0 until something of it is written.
        self.id = 0
        self.depth = self.unfinished = self.put = 0
        self._items: "Optional[ref[deque[Any]]]" = None

    def changes(self, items: Any, depth: int, unfinished: int, put: int = 0) -> bool:
        """True when this is to be written."""
        if (depth, unfinished, put) == (self.depth, self.unfinished, self.put):
            return False
        self.depth, self.unfinished, self.put = depth, unfinished, put
        # Lists take no weak references.
        if type(items) is deque and (self._items is None or self._items() is not items):
            self._items = ref(items)
        return True

    def ends(self, ended: "List[Fill]") -> None:
        """
        The queue dies, wherever that happens. Its items do right after it: until then they can still be counted, but where the
        collector takes both at once.
        """
        items = self._items() if self._items is not None else None
        if self.id and items is not None and len(items) != self.depth:
            self.depth = len(items)
            ended.append(self)
