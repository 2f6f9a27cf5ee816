"""What work is called: the name of the program's function, seen through what libraries wrap it in."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def function_name(function: Any) -> str:
    """What runs: the qualified name of a function, seen through partial and contexts."""
    for _ in range(4):
        kind = type(function)
        if kind is FunctionType:
            return str(function.__qualname__)
        if kind is MethodType:
            function = function.__func__
        elif kind.__name__ == "partial" and kind.__module__ == "functools":
            inner = function.func
            # asyncio.to_thread runs `context.run(function)`
            if type(inner) is BuiltinFunctionType and inner.__name__ == "run" and function.args:
                inner = function.args[0]
            function = inner
        elif kind is BuiltinFunctionType or isinstance(function, type):
            return str(function.__qualname__)
        else:
            return str(kind.__qualname__)
    return type(function).__qualname__
