"""Adds statements to standard-library functions without a frame more, a line moved or a column changed.

A function's own source is parsed, calls of hooks are put between its statements, and only its `__code__` is swapped: identity,
signature, line numbers, carets of tracebacks and stack levels of warnings stay what they were. A function whose source is not
there, or does not fit its code, is left alone and the caller is told.
"""

from __future__ import annotations

import os
import sys
from io import StringIO
from types import CodeType, FunctionType, MethodType

from . import edit_cache, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

    # (text on the statement's first line, where, code) with where one of after, before, around (try/finally), with, within, first, replace.
    Rule = Tuple[str, str, str]


# compile() gives the tree back instead of code; the same number as ast.PyCF_ONLY_AST without importing ast.
ONLY_TREE = 0x400
PREFIX = "_interleave_"
# Hooks whose answer is gone on with while a frame of the edited code still runs: without the probe the native core's has none.
ANSWERING = (PREFIX + "clock", PREFIX + "soon")
DEBUG = bool(os.environ.get("INTERLEAVE_DEBUG"))

_sources: Dict[str, List[str]] = {}
# id of a function -> it, its own code, the code it has now, and the rules in that. Who looks for the class of a function by
# the dictionaries that refer to it, as `trace` does, must not find one more.
_edited: Dict[int, Tuple[FunctionType, CodeType, CodeType, List[Rule]]] = {}
_named: List[Tuple[Dict[str, Any], str]] = []


def edit(function: Any, rules: Sequence[Rule], hooks: Dict[str, Any]) -> bool:
    """True when every rule found its place; hooks are called in the rules as `_interleave_NAME`."""
    target = plain(function)
    if target is None:
        return False
    # Edits of one function add up: all that is known of it is put into its source anew.
    before = _edited.get(id(target))
    together = list(before[3]) if before is not None and before[2] is target.__code__ else []
    original = before[1] if together and before is not None else target.__code__
    all_rules = together + list(rules)
    code = _rewritten_before(target, original, all_rules)
    if code is None:
        return False
    bind(target.__globals__, {**hooks, "foreign": foreign})
    target.__code__ = code
    _edited[id(target)] = (target, original, code, all_rules)
    return True


def edit_any(function: Any, choices: Sequence[Sequence[Rule]], hooks: Dict[str, Any]) -> bool:
    """The first set of rules that fits: functions read differently in different versions of Python."""
    return any(edit(function, rules, hooks) for rules in choices)


def plain(function: Any) -> Optional[FunctionType]:
    if isinstance(function, MethodType):
        function = function.__func__
    # Only a function of the standard library as it came, never one somebody else has wrapped.
    return (
        function
        if isinstance(function, FunctionType) and not hasattr(function, "__wrapped__")
        else None
    )


def bind(namespace: Dict[str, Any], hooks: Dict[str, Any]) -> None:
    for name, hook in hooks.items():
        key = PREFIX + name
        if key not in namespace:
            _named.append((namespace, key))
        namespace[key] = hook


def restore_all() -> None:
    while _edited:
        _, (function, original, code, _) = _edited.popitem()
        if function.__code__ is code:
            function.__code__ = original
    # The names stay bound to nothing harmful while frames of the edited code may still run.
    for namespace, key in _named:
        hook = namespace.get(key)
        if not callable(hook) or getattr(hook, "stays", False) or key in ANSWERING:
            continue
        namespace[key] = nothing
    _named.clear()


class Nothing:
    """What a hook leaves behind: does nothing when called, entered or left."""

    def __call__(self, *_: Any) -> "Nothing":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: Any) -> None:
        return None


nothing = Nothing()


def _rewritten_before(
    function: FunctionType, original: CodeType, rules: Sequence[Rule]
) -> Optional[CodeType]:
    """The function with its rules applied, from the cache when any program had it before."""
    source = source_of(original)
    key = edit_cache.key(function, original, rules)
    known = edit_cache.entries(source)
    if key in known:
        code = known[key]
        return code if code is not None and fits(original, code) else None
    try:
        from .rewriting import rewritten

        code = rewritten(function, original, rules)
    except Exception:  # may be another time: not remembered
        return None
    edit_cache.add(source, key, code)
    return code


def source_of(code: CodeType) -> str:
    """The file with a function's source, also of what is part of the interpreter."""
    name = code.co_filename
    if not name.startswith("<frozen "):
        return name
    return os.path.join(os.path.dirname(os.__file__), *name[8:-1].split(".")) + ".py"


def source_lines(filename: str) -> List[str]:
    lines = _sources.get(filename)
    if lines is None:
        text = files.contents(filename).decode("utf-8")
        _sources[filename] = lines = StringIO(text, newline=None).readlines()
    return lines


def walk(node: Any) -> Iterator[Any]:
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                pending.extend(item for item in value if hasattr(item, "_fields"))
            elif hasattr(value, "_fields"):
                pending.append(value)


def forget_sources() -> None:
    _sources.clear()
    edit_cache.save()
    edit_cache.forget()


def foreign(error: BaseException) -> bool:
    """True for what the program raised inside a hook, from a signal handler; mistakes of the probe are dropped."""
    traceback = error.__traceback__
    traceback = traceback.tb_next if traceback is not None else None
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(files.OURS):
            return True
        traceback = traceback.tb_next
    return DEBUG


def quiet(function: Callable[..., None]) -> Callable[..., None]:
    """The same for what the watcher calls: a mistake of ours must not end its thread, nor print."""

    def call(*args: Any) -> None:
        try:
            function(*args)
        except Exception:
            if DEBUG:
                raise

    return call


def fits(old: CodeType, new: CodeType) -> bool:
    """The source on disk is the source that runs: same arguments, same cells, no name or constant lost."""
    count = old.co_argcount + old.co_kwonlyargcount
    # Each start asks this of a hundred functions.
    simple = {(type(c), c) for c in old.co_consts if type(c) is not CodeType}
    fresh = {(type(c), c) for c in new.co_consts if type(c) is not CodeType}
    return (
        old.co_varnames[:count] == new.co_varnames[:count]
        and old.co_argcount == new.co_argcount
        and old.co_freevars == new.co_freevars
        and old.co_flags == new.co_flags
        and set(old.co_names) <= set(new.co_names)
        and (simple <= fresh or all(need_not_stay(c) for _, c in simple - fresh))
    )


def need_not_stay(constant: object) -> bool:
    """What stands in the instructions is left among the constants only where it came first: small integers since 3.14, None since 3.15."""
    if sys.version_info >= (3, 15) and constant is None:
        return True
    return sys.version_info >= (3, 14) and isinstance(constant, int) and 0 <= constant < 256
