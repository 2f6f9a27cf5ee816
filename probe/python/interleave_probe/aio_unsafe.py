"""Futures of a loop that another thread completes: looked at only while the program has such threads."""

from __future__ import annotations

import sys
from _thread import get_ident

from . import actors, types_edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

METHODS = ("set_result", "set_exception")

_type: Any = None
_originals: List[Tuple[str, Any]] = []
_changes = 0


def tend(loops: List[int], report: Callable[[Any, Any], None]) -> None:
    """Puts the checks into asyncio's Future when a thread lives that is no loop's and no pool's, else takes them out.

    `loops` are the idents of the threads that run loops. Called by the watcher.
    """
    others = any(
        info.pool is None and info.ident not in loops for info in list(actors.by_id.values())
    )
    if bool(loops) and others:
        if _type is None:
            _put(report)
    elif _type is not None:
        take_out()


def _put(report: Callable[[Any, Any], None]) -> None:
    global _type, _changes
    kind = getattr(sys.modules.get("_asyncio"), "Future", None)
    # Each change costs the interpreter some of what it has learnt; on and off for ever is not worth it.
    if kind is None or _changes > 50 or not types_edit.prepare():
        return
    _changes += 1
    namespace = types_edit.namespace(kind)
    found: Dict[str, Any] = {}
    for name in METHODS:
        original = namespace.get(name)
        if original is None:
            return
        _originals.append((name, original))
        found[name] = _checking(name, original, report)
    namespace.update(found)
    types_edit.changed(kind)
    _type = kind


def take_out() -> None:
    """Puts asyncio's own methods back."""
    global _type
    if _type is not None:
        types_edit.namespace(_type).update(_originals)
        types_edit.changed(_type)
        _type = None
    _originals.clear()


def _checking(name: str, original: Any, report: Callable[[Any, Any], None]) -> Any:
    if name == "set_result":

        def set_result(self: Any, result: Any, /) -> Any:
            loop: Optional[Any] = self._loop
            if getattr(loop, "_thread_id", None) not in (None, get_ident()):
                report(loop, set_result)
            return original(self, result)

        method = set_result
    else:

        def set_exception(self: Any, exception: Any, /) -> Any:
            loop: Optional[Any] = self._loop
            if getattr(loop, "_thread_id", None) not in (None, get_ident()):
                report(loop, set_exception)
            return original(self, exception)

        method = set_exception
    method.__doc__ = original.__doc__
    method.__qualname__ = original.__qualname__
    return method
