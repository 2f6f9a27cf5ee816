"""Replaces methods in the dict of a built-in type, for objects that exist already too, and puts them back."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple

# Kept, since classes that nobody holds are garbage that the program's own collector finds.
_functions: Dict[Tuple[str, str, str], Callable[..., Any]] = {}
# Type -> the dict behind it: an audit hook of the program hears of each search.
_namespaces: Dict[type, Dict[str, Any]] = {}
_modified: Callable[[Any], None]


def prepare() -> bool:
    """Finds the interpreter's own way to say that a type has changed. False where there is none."""
    global _modified
    try:
        _modified = _from_library()
    except Exception:
        try:
            import ctypes

            function = ctypes.pythonapi.PyType_Modified
            function.argtypes = [ctypes.py_object]
            function.restype = None
            _modified = function
        except Exception:
            return False
    return True


def keep_alive(value: object) -> bool:
    """Gives an object one reference that nobody holds. False where that cannot be done."""
    try:
        _from_library("Py_IncRef")(value)
    except Exception:
        return False
    return True


def _from_library(name: str = "PyType_Modified") -> Callable[[Any], None]:
    """A function of the interpreter that takes one object."""
    function: Callable[[Any], None] = library_function(name, "O")
    return function


def library_function(name: str, takes: str, gives: str = "") -> Callable[..., Any]:
    """A function of the running program's libraries, called with the GIL held; types are letters of `_ctypes`.

    Made without the cost of importing `ctypes`. Raises where there is no such function.
    """
    known = _functions.get((name, takes, gives))
    if known is not None:
        return known
    import _ctypes

    ours: Any = None  # the running program, interpreter included
    address = _ctypes.dlsym(_ctypes.dlopen(ours, 0), name)
    types = [type(letter, (_ctypes._SimpleCData,), {"_type_": letter}) for letter in takes + gives]
    # 1: C calling convention, 4: keep the GIL and look for an exception afterwards
    make = type(
        "PythonFunction",
        (_ctypes.CFuncPtr,),
        {
            "_flags_": 1 | 4,
            "_restype_": types.pop() if gives else None,
            "_argtypes_": tuple(types),
        },
    )
    function: Callable[..., Any] = make(address)
    _functions[name, takes, gives] = function
    return function


def namespace(kind: type) -> Dict[str, Any]:
    """The real dict behind a type's `__dict__`."""
    known = _namespaces.get(kind)
    if known is None:
        found = gc.get_referents(kind.__dict__)
        if len(found) != 1 or type(found[0]) is not dict:
            raise LookupError(f"no dict behind {kind!r}")
        known = _namespaces[kind] = found[0]
    return known


def changed(kind: type) -> None:
    """Tells the interpreter to forget what it has looked up in a type."""
    _modified(kind)


# From 3.13 on a type may be changed a thousand times before its lookups are no longer cached.
CHANGES = 900 if sys.version_info >= (3, 13) else 1 << 30
