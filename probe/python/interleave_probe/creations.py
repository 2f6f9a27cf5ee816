"""Stacks of places that may make very many things: tasks, items of pools, locks."""

from __future__ import annotations

from types import FrameType

from . import waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

# (id(code), f_lasti) of the innermost frame that is the program's -> [times that it was asked for, stack]
_stacks: Dict[Tuple[int, int], List[int]] = {}
_stacks_of: Any = None
# id(code) -> (code, True for asyncio's and the executors' own)
_library: Dict[int, Tuple[Any, bool]] = {}


def stack(frame: Optional[FrameType]) -> int:
    """Stack at a place that may make very many: after some dozen from one line the same stack is taken again."""
    global _stacks_of
    sink: Any = waits.sink()
    if sink is None:
        return 0
    if sink is not _stacks_of:  # a forked child has one of its own
        _stacks_of = sink
        _stacks.clear()
    outer = frame
    while outer is not None:
        code = outer.f_code
        about = _library.get(id(code))
        if about is None:
            about = _judge(outer)
        if not about[1]:
            break
        outer = outer.f_back
    if outer is None:
        return int(sink.stack(frame))
    key = (id(outer.f_code), outer.f_lasti)
    known = _stacks.get(key)
    if known is not None and known[0] > 64:
        return known[1]
    new = int(sink.stack(frame))
    if known is None:
        if len(_stacks) > 4096:
            _stacks.clear()
        _stacks[key] = [1, new]
    else:
        known[0] += 1
        known[1] = new
    return new


def _judge(frame: FrameType) -> Tuple[Any, bool]:
    module = frame.f_globals.get("__name__")
    own = isinstance(module, str) and module.startswith(("asyncio.", "concurrent.futures."))
    if len(_library) > 10_000:
        _library.clear()
    about = _library[id(frame.f_code)] = (frame.f_code, own)
    return about
