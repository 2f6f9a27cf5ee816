"""Which object is which: ids of the program's locks, queues and pools by address, re-checked when addresses are reused."""

from __future__ import annotations

from _weakref import ref
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

# address -> (weak reference or None, the object's type, id)
_known: Dict[int, Tuple[Optional["ref[object]"], type, int]] = {}
# Called with the address of each that has died: what else is known of it must not be taken for another's there.
on_end: List[Callable[[int], None]] = []


def object_id(obj: object, make: Callable[[], int]) -> int:
    """Id of an object; `make()` defines it the first time (see `Sink.object`).

    Never compares, hashes or keeps the object. One that takes no weak references is told from a later one at the
    same address by its type only: call `forget` when its end is seen.
    """
    address = id(obj)
    known = _known_id(obj)
    if known is not None:
        return known
    new = make()
    # Making one writes, which may have let another thread make it, too: whoever was first is right.
    known = _known_id(obj)
    if known is not None:
        return known
    try:
        weak = ref(obj, _Forget(address))
    except TypeError:
        weak = None
    _known[address] = (weak, type(obj), new)
    return new


def known_id(obj: object) -> int:
    """Id of an object that has one, else 0. As `_known_id`, without its call: each message between processes asks."""
    entry = _known.get(id(obj))
    if entry is None:
        return 0
    weak, kind, known = entry
    return known if ((weak() is obj) if weak is not None else kind is type(obj)) else 0


def _known_id(obj: object) -> Optional[int]:
    """The same; None for one that nobody has asked for, and 0 for one that could not be defined."""
    entry = _known.get(id(obj))
    if entry is None:
        return None
    weak, kind, known = entry
    return known if ((weak() is obj) if weak is not None else kind is type(obj)) else None


def forget(obj: object) -> None:
    """Drops what is known of an object."""
    _known.pop(id(obj), None)


def forget_oldest(table: Dict[int, Any], most: int) -> None:
    """Of what nobody says the end of, only the latest is kept."""
    if len(table) > most:
        for key in list(islice(table, most // 2)):
            table.pop(key, None)


def reset() -> object:
    """Forgets everything: a new process defines its objects anew. What was known lives on in the answer."""
    global _known
    known, _known = _known, {}
    return known


class _Forget:
    """Removes the entry of a dead object, unless its address has been taken by another meanwhile."""

    __slots__ = ("_address",)

    def __init__(self, address: int) -> None:
        self._address = address

    def __call__(self, weak: "ref[object]") -> None:
        table = _known
        if table is None:  # the interpreter is on its way out
            return
        entry = table.get(self._address)
        if entry is not None and entry[0] is weak:
            table.pop(self._address, None)
            for forget in on_end:
                forget(self._address)
