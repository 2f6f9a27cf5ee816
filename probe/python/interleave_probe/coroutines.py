"""Coroutines that nobody awaited: told when Python itself warns of them, and with the line that made them."""

from __future__ import annotations

import sys
from types import CodeType, FrameType, ModuleType

from . import actors, edits
from .kinds import KIND_COROUTINE_NEVER_AWAITED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Set

session: Any = None
MOST_FRAMES = 16


def install(active: Any) -> None:
    global session
    session = active
    # C asks this function of `warnings` to warn; filters come later, so a silenced warning is seen too.
    active.patches.on_import("warnings", _patch)


def uninstall() -> None:
    global session
    session = None


def _patch(module: ModuleType) -> None:
    function = getattr(module, "_warn_unawaited_coroutine", None)
    if function is not None:
        edits.edit(
            function,
            [("", "first", "_interleave_never_awaited(coro)")],
            {"never_awaited": _never_awaited},
        )


def _never_awaited(coroutine: Any) -> None:
    if session is None:
        return
    sink = session.sink
    name = getattr(coroutine, "__qualname__", None)
    text = name if isinstance(name, str) else "coroutine"
    session.ring.emit(
        KIND_COROUTINE_NEVER_AWAITED,
        0,
        actors.current(),
        sink.string(text),
        creation(sink, coroutine),
        0,
    )


def creation(sink: Any, coroutine: Any) -> int:
    """Stack of the line that made it, as near as can be known without paying at each call."""
    origin = getattr(coroutine, "cr_origin", None)
    if origin:  # the program, or asyncio's debug mode, has asked Python to keep it
        return int(
            sink.stack_of([sink.site(file, line, function) for file, line, function in origin])
        )
    code: Optional[CodeType] = getattr(coroutine, "cr_code", None)
    name = code.co_name if code is not None else ""
    # It mostly dies on the line that made it: `fetch()` without an await.
    frame: Optional[FrameType] = sys._getframe(3)
    dropped = frame
    for _ in range(MOST_FRAMES):
        if frame is None:
            break
        if mentions(frame.f_code.co_filename, frame.f_lineno or 0, name):
            return int(sink.stack(frame))
        frame = frame.f_back
    # Else it was kept for a while: the last call of it above the line that let it go, in the functions that run now.
    frame = dropped
    for _ in range(MOST_FRAMES):
        if frame is None:
            break
        line = call_above(frame, name)
        if line:
            code_name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
            return int(sink.stack_of([sink.site(frame.f_code.co_filename, line, code_name)]))
        frame = frame.f_back
    if code is not None:
        line = only_call(code.co_filename, name)
        if line:
            return int(sink.stack_of([sink.site(code.co_filename, line, "")]))
        return int(
            sink.stack_of(
                [
                    sink.site(
                        code.co_filename, code.co_firstlineno, getattr(code, "co_qualname", name)
                    )
                ]
            )
        )
    return int(sink.stack(dropped))


def lines_of(file: str) -> List[str]:
    try:
        return edits.source_lines(file)
    except (OSError, ValueError):
        return []


def mentions(file: str, line: int, name: str) -> bool:
    """True when the source line calls this name without an await, and does not define it."""
    lines = lines_of(file)
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return _calls(text, name)


def _calls(text: str, name: str) -> bool:
    if not name or name + "(" not in text or "def " + name in text or text.lstrip()[:1] == "#":
        return False
    before, call, _ = text.partition(name + "(")
    while call:
        # What stands before is a longer name, or `await` and the object the method is of.
        if before[-1:] != "_" and not before[-1:].isalnum():
            words = before.split()
            if not (words and words[-1] == "await") and words[-2:-1] != ["await"]:
                return True
        text = text[len(before) + len(call) :]
        before, call, _ = text.partition(name + "(")
    return False


def call_above(frame: FrameType, name: str) -> int:
    """The last line of the function so far that calls this name, 0 for none."""
    code = frame.f_code
    own = _own_lines(code)
    for line in range(frame.f_lineno or 0, code.co_firstlineno - 1, -1):
        if line in own and mentions(code.co_filename, line, name):
            return line
    return 0


def _own_lines(code: CodeType) -> Set[int]:
    """Without those of the functions defined in it, which have not run because it has."""
    lines = getattr(code, "co_lines", None)
    if lines is not None:
        return {line for _, _, line in lines() if line is not None}
    found = {code.co_firstlineno}
    line = code.co_firstlineno
    for step in code.co_lnotab[1::2]:
        line += step if step < 128 else step - 256
        found.add(line)
    return found


def only_call(file: str, name: str) -> int:
    """The only line of the file that calls this name without an await, 0 when there is none or are several."""
    found = [line for line, text in enumerate(lines_of(file), 1) if _calls(text, name)]
    return found[0] if len(found) == 1 else 0
