"""Keeps rewritten functions where the probe's own compiled files are, so that only the first program pays for compiling.

One file per module of the standard library. It fits one build of Python, one state of that module's source and of the
rewriting code; anything else in it is passed over and written anew.
"""

from __future__ import annotations

import marshal
import os
import sys
from types import CodeType

from . import files
from .files import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Set, Tuple

    # qualified name, first line, rules
    Key = Tuple[str, int, str]

_FOLDER = os.path.abspath(sys.modules[__package__].__path__[0])
# What has loaded us: see `loading.py`. Loaded in another way, nothing is kept.
_loader: Any = __spec__.loader if hasattr(__spec__.loader, "keep") else None
_LONGEST = 120
# Source file -> what is known of its functions; None is a function whose rules do not fit.
_known: Dict[str, Dict[Key, Optional[CodeType]]] = {}
_changed: Set[str] = set()


def key(function: object, code: CodeType, rules: Sequence[object]) -> Key:
    """What a rewritten function is known by."""
    return (getattr(function, "__qualname__", ""), code.co_firstlineno, repr(rules))


def entries(source: str) -> Dict[Key, Optional[CodeType]]:
    """All that is known of one source file, from the disk the first time."""
    known = _known.get(source)
    if known is None:
        known = _known[source] = _read(source)
    return known


def add(source: str, entry: Key, code: Optional[CodeType]) -> None:
    """Remembers one rewritten function, or that it cannot be."""
    entries(source)[entry] = code
    _changed.add(source)


def save() -> None:
    """Writes what is new; a folder that cannot be written is none of the program's business."""
    while _changed and _loader is not None:
        source = _changed.pop()
        stamp = _stamp(source)
        if stamp is None:
            continue
        content: Any = (stamp, _known[source])
        _loader.keep(_name(source), marshal.dumps(content))


def forget() -> None:
    """Gives the memory back: everything is in place now."""
    _known.clear()
    _changed.clear()


def _read(source: str) -> Dict[Key, Optional[CodeType]]:
    stamp = _stamp(source)
    for content in _loader.kept(_name(source)) if stamp is not None and _loader is not None else ():
        try:
            found = marshal.loads(content)
        except (EOFError, ValueError, TypeError) as error:
            if not files.own(error):
                raise
            continue
        if type(found) is tuple and found[0] == stamp and type(found[-1]) is dict:
            return dict(found[1])
    return {}


def _name(source: str) -> str:
    tail = "".join(char if char.isalnum() else "-" for char in source[-_LONGEST:])
    return f"{tail}.{sys.implementation.cache_tag}-{sys.flags.optimize}.edits"


def _stamp(source: str) -> "Optional[Tuple[object, ...]]":
    """What the cached code depends on."""
    try:
        of_source = system.stat(source)
        of_rules = system.stat(os.path.join(_FOLDER, "rewriting.py"))
    except OSError as error:
        if not files.own(error):
            raise
        return None
    return (
        sys.version,
        sys.flags.optimize,
        "no_debug_ranges" in sys._xoptions or "PYTHONNODEBUGRANGES" in os.environ,
        source,
        of_source.st_mtime_ns,
        of_source.st_size,
        of_rules.st_mtime_ns,
        of_rules.st_size,
    )
