"""Where things are made: stacks of places that may make very many, and which of those made on its line a thing is."""

from __future__ import annotations

from types import FrameType

from . import waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    # Stack of the making, which of those made on the line, and which line that was or how many are made there so far.
    Made = Tuple[int, int, Any]

# (id(code), f_lasti) of the innermost frame that is the program's -> [times that it was asked for, stack]
_stacks: Dict[Tuple[int, int], List[int]] = {}
_stacks_of: Any = None
# (file, line, what) -> how many were made there
_made: Dict[Tuple[str, int, str], int] = {}
_MOST_LINES = 4096
# They make things in the name of their callers.
_MAKERS = ("threading.", "queue.", "asyncio.", "multiprocessing.", "concurrent.futures.")
NOWHERE: "Made" = (0, 0, None)
# id(code) -> code, asyncio's and the executors' own, and of others
_library: Dict[int, Any] = {}
_others: Dict[int, Any] = {}


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
        address = id(outer.f_code)
        if address not in _library and (address in _others or not _is_library(outer)):
            break
        outer = outer.f_back
    if outer is None:
        return int(sink.stack(frame))
    key = (address, outer.f_lasti)
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


def _is_library(frame: FrameType) -> bool:
    """Of a function that nobody has asked for yet."""
    module = frame.f_globals.get("__name__")
    own = isinstance(module, str) and module.startswith(("asyncio.", "concurrent.futures."))
    known = _library if own else _others
    if len(known) > 10_000:
        known.clear()
    known[id(frame.f_code)] = frame.f_code
    return own


def made(stack: int, frame: Optional[FrameType], what: str) -> "Made":
    """One more thing of a kind is made by this frame, or by the program's that called it."""
    # With the dot, as a program may have a module called queues.
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith(_MAKERS):
        frame = frame.f_back
    if frame is None:
        return (stack, 0, None)
    line = (frame.f_code.co_filename, frame.f_lineno or 0, what)
    nth = _made.get(line, 0) + 1
    if nth == 1 and len(_made) >= _MOST_LINES:
        return (stack, 0, None)
    _made[line] = nth
    return (stack, nth, line)


def inherited(one: "Made") -> "Made":
    """In a forked child: the stack was told by the parent, the line is known here too."""
    return (0, *one[1:]) if type(one[2]) is tuple else NOWHERE


def stack_of(one: "Made") -> int:
    """Its stack; of one that a parent made no more than the line."""
    sink: Any = waits.sink()
    if one[0] or type(one[2]) is not tuple or sink is None:
        return one[0]
    return int(sink.stack_of([sink.site(one[2][0], one[2][1], "")]))


def which(one: "Made") -> Dict[str, int]:
    """What its definition says of that: nothing where nobody counted."""
    _, nth, line = one
    if not nth:
        return {}
    return {"nth": nth, "among": line if type(line) is int else _made[line]}
