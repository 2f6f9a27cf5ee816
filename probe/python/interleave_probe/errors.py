"""What is said of an exception: its type and plain message, and where it was raised."""

from __future__ import annotations

from types import TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

_PLAIN = (str, int, float, bool, type(None))


def exception_text(error: BaseException) -> str:
    """`ValueError: message`, as Python prints it, without running code of the program: only plain arguments are shown."""
    kind = type(error)
    name = kind.__qualname__ if isinstance(kind.__qualname__, str) else kind.__name__
    if kind.__str__ not in (BaseException.__str__, OSError.__str__, KeyError.__str__):
        return name
    arguments = [argument for argument in error.args if type(argument) in _PLAIN]
    if len(arguments) != len(error.args) or not arguments:
        return name
    text = ", ".join(str(argument) for argument in arguments)
    if len(arguments) == 1 and kind.__str__ is KeyError.__str__:
        text = repr(arguments[0])
    elif len(arguments) == 2 and isinstance(error, OSError):
        text = f"[Errno {arguments[0]}] {arguments[1]}"
    return f"{name}: {text[:200]}"


def raise_stack(sink: Any, error: BaseException) -> int:
    """Id of the stack where it was raised: the traceback, innermost first."""
    sites: List[int] = []
    traceback: Optional[TracebackType] = error.__traceback__
    count = 0
    while traceback is not None and count < 1000:
        code = traceback.tb_frame.f_code
        name = getattr(code, "co_qualname", code.co_name)
        sites.append(sink.site(code.co_filename, traceback.tb_lineno or code.co_firstlineno, name))
        traceback = traceback.tb_next
        count += 1
    sites.reverse()
    return int(sink.stack_of(sites))
