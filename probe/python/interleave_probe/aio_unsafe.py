"""What another thread than a loop's own may not do to it: callbacks, stops, and futures that it completes.

The futures are looked at only while the program has such threads.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from types import FrameType

from . import actors, aio_loop, aio_tasks, edits, types_edit
from .kinds import KIND_UNSAFE_CALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

METHODS = ("set_result", "set_exception")

_type: Any = None
_originals: List[Tuple[str, Any]] = []
_changes = 0


def tend(loops: List[int]) -> None:
    """Puts the checks into asyncio's Future when a thread lives that is no loop's and no pool's, else takes them out.

    `loops` are the idents of the threads that run loops. Called by the watcher.
    """
    others = any(
        info.pool is None and info.ident not in loops for info in list(actors.by_id.values())
    )
    if bool(loops) and others:
        if _type is None:
            _put()
    elif _type is not None:
        take_out()


def _put() -> None:
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
        found[name] = _checking(name, original)
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


def _checking(name: str, original: Any) -> Any:
    # These must not refer to themselves: taken out they would be garbage that the program's collector finds.
    if name == "set_result":

        def set_result(self: Any, result: Any, /) -> Any:
            loop: Optional[Any] = self._loop
            if getattr(loop, "_thread_id", None) not in (None, get_ident()):
                _completed(loop, "set_result")
            return original(self, result)

        method = set_result
    else:

        def set_exception(self: Any, exception: Any, /) -> Any:
            loop: Optional[Any] = self._loop
            if getattr(loop, "_thread_id", None) not in (None, get_ident()):
                _completed(loop, "set_exception")
            return original(self, exception)

        method = set_exception
    method.__doc__ = original.__doc__
    method.__qualname__ = original.__qualname__
    return method


# -- what is told ----------------------------------------------------------------------------------------------------


def called(loop: Any, callback: Any) -> None:
    ident = getattr(loop, "_thread_id", None)
    if (
        aio_loop.session is None
        or ident is None
        or ident == get_ident()
        or id(loop) not in aio_loop.running
    ):
        return
    frame: Optional[FrameType] = sys._getframe(1)
    method = ""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("asyncio."):
        method = frame.f_code.co_name
        frame = frame.f_back
    if frame is not None and frame.f_globals is globals():
        return  # the callbacks of a future whose completion has been told
    if frame is not None and _from_future(callback):
        # C code of a future called call_soon: what the program called is not on the stack, only on the line.
        method = (
            _called_on_line(frame, ("set_result", "set_exception", "cancel", "set", "put_nowait"))
            or method
        )
    sink = aio_loop.session.sink
    aio_loop.session.ring.emit(
        KIND_UNSAFE_CALL,
        0,
        actors.current(),
        aio_loop.loop_id(loop),
        sink.stack(frame or sys._getframe(1)),
        sink.string(method),
    )


def _completed(loop: Any, method: str) -> None:
    """A future is completed in another thread; its callbacks may say so too, but there may be none."""
    ident = getattr(loop, "_thread_id", None)
    if aio_loop.session is None or ident is None or id(loop) not in aio_loop.running:
        return
    sink = aio_loop.session.sink
    aio_loop.session.ring.emit(
        KIND_UNSAFE_CALL,
        0,
        actors.current(),
        aio_loop.loop_id(loop),
        sink.stack(sys._getframe(2)),
        sink.string(method),
    )


def _from_future(callback: Any) -> bool:
    """True for callbacks that a future's end has scheduled, or a task's own step."""
    module = getattr(callback, "__module__", None)
    return isinstance(getattr(callback, "__self__", None), aio_tasks.task_types()) or (
        isinstance(module, str) and module.startswith("asyncio.")
    )


def _called_on_line(frame: FrameType, names: Tuple[str, ...]) -> str:
    """Which of these methods the frame's source line calls, empty when none shows."""
    try:
        line = edits.source_lines(frame.f_code.co_filename)[(frame.f_lineno or 1) - 1]
    except (OSError, ValueError, IndexError):
        return ""
    return next((name for name in names if f".{name}(" in line), "")
