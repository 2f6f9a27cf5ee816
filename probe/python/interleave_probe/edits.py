"""Adds statements to standard-library functions without a frame more, a line moved or a column changed.

A function's own source is parsed, calls of hooks are put between its statements, and only its `__code__` is swapped: identity,
signature, line numbers, carets of tracebacks and stack levels of warnings stay what they were. A function whose source is not
there, or does not fit its code, is left alone and the caller is told.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FunctionType, MethodType

from . import edit_cache, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

    # (text on the statement's first line, where, code) with where one of after, before, around (try/finally), with, within, first, replace.
    Rule = Tuple[str, str, str]


# compile() gives the tree back instead of code; the same number as ast.PyCF_ONLY_AST without importing ast.
ONLY_TREE = 0x400
FUTURE_FLAGS = 0x1FE0000
PREFIX = "_interleave_"
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
        if not callable(hook) or getattr(hook, "stays", False):
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
        code = rewritten(function, original, rules)
    except Exception:  # may be another time: not remembered
        return None
    edit_cache.add(source, key, code)
    return code


def rewritten(function: FunctionType, code: CodeType, rules: Sequence[Rule]) -> Optional[CodeType]:
    lines = source_lines(source_of(code))
    first = code.co_firstlineno
    block = block_of(lines, first)
    if block is None:
        return None
    owner = function.__qualname__.rsplit(".", 1)[0] if "." in function.__qualname__ else ""
    if "<locals>" in function.__qualname__:
        return None
    indented = block[0][:1].isspace()
    # A class around gives private names their class; what is indented without one stands in an `if`.
    around = f"class {owner.rsplit('.', 1)[-1]}:\n" if owner else "if 1:\n"
    head = around if indented else "\n"
    # Blank lines in front give every node its own line number.
    text = "\n" * max(first - 2, 0) + (head if first > 1 else "") + "".join(block)
    flags = code.co_flags & FUTURE_FLAGS
    tree: Any = compile(text, code.co_filename, "exec", flags | ONLY_TREE, True)
    for rule in rules:
        if not apply(tree, rule, lines, code.co_name):
            return None
    if brings_strangers(tree, function, code):
        return None
    module = compile(tree, code.co_filename, "exec", flags, True)
    new = find_code(module, code)
    return new if new is not None and fits(code, new) else None


def source_of(code: CodeType) -> str:
    """The file with a function's source, also of what is part of the interpreter."""
    name = code.co_filename
    if not name.startswith("<frozen "):
        return name
    return os.path.join(os.path.dirname(os.__file__), *name[8:-1].split(".")) + ".py"


def source_lines(filename: str) -> List[str]:
    lines = _sources.get(filename)
    if lines is None:
        with open(filename, encoding="utf-8") as file:
            lines = file.readlines()
        _sources[filename] = lines
    return lines


def forget_sources() -> None:
    _sources.clear()
    edit_cache.save()
    edit_cache.forget()


def block_of(lines: List[str], first: int) -> Optional[List[str]]:
    """The lines of the function that starts at line `first`, decorators included."""
    if first > len(lines):
        return None
    start = lines[first - 1]
    indent = len(start) - len(start.lstrip())
    end = first
    seen_header = False
    while end < len(lines):
        line = lines[end]
        text = line.strip()
        if text and not text.startswith("#"):
            depth = len(line) - len(line.lstrip())
            if depth < indent or (depth == indent and seen_header and not text.startswith(")")):
                break
            if depth > indent:
                seen_header = True
        end += 1
    return lines[first - 1 : end]


def apply(tree: Any, rule: Rule, lines: List[str], name: str) -> bool:
    anchor, where, snippet = rule
    if where == "first":
        function = next(
            (n for n in walk(tree) if getattr(n, "name", None) == name and hasattr(n, "args")), None
        )
        if function is None:
            return False
        at = 1 if has_docstring(function) and len(function.body) > 1 else 0
        function.body[at:at] = guarded(snippet, function.body[at])
        return True
    found = False
    for body in list(bodies(tree)):
        for statement in list(body):
            if (
                anchor not in lines[statement.lineno - 1]
                or is_header(statement)
                or hasattr(statement, "of_hook")
            ):
                continue
            found = True
            index = body.index(statement)
            as_is = where in ("with", "replace", "within")
            nodes = (placed if as_is else guarded)(snippet, statement)
            if where == "after":
                body[index + 1 : index + 1] = nodes
            elif where == "before":
                body[index:index] = nodes
            elif where == "replace":
                body[index : index + 1] = nodes
            elif where == "within":
                # The statement, with its own columns, is the first in the block of the snippet's `if`.
                nodes[0].body.insert(0, statement)
                body[index : index + 1] = nodes
            elif where == "with":
                # The snippet is one expression statement here: what is entered before and left after.
                block = placed("with _:\n pass", statement)[0]
                block.items[0].context_expr = nodes[0].value
                block.body = [statement]
                body[index] = block
            else:
                attempt = placed("try:\n pass\nfinally:\n pass", statement)[0]
                attempt.body = [statement]
                attempt.finalbody = nodes
                body[index] = attempt
    return found


def is_header(statement: Any) -> bool:
    """A compound statement on one line with its body (`if a: b`) would match twice; its body is meant."""
    body = getattr(statement, "body", None)
    return bool(isinstance(body, list) and body and body[0].lineno == statement.lineno)


def has_docstring(function: Any) -> bool:
    first = function.body[0]
    value = getattr(first, "value", None)
    return type(first).__name__ == "Expr" and isinstance(getattr(value, "value", None), str)


# A hook that fails is a mistake of ours and must not be one of the program's.
GUARD = "try:\n pass\nexcept Exception as _interleave_error:\n if _interleave_foreign(_interleave_error): raise"


def guarded(snippet: str, near: Any) -> List[Any]:
    """The statements of a snippet, and what keeps their own failures from the program."""
    attempt = placed(GUARD, near)[0]
    attempt.body = placed(snippet, near)
    return [attempt]


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


def placed(snippet: str, near: Any) -> List[Any]:
    """The statements of a snippet, all standing where `near` stands."""
    tree: Any = compile(snippet, "<hook>", "exec", ONLY_TREE, True)
    for node in walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = near.lineno
            node.end_lineno = near.lineno
            node.col_offset = near.col_offset
            node.end_col_offset = near.col_offset
            node.of_hook = True
    return list(tree.body)


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


def bodies(tree: Any) -> Iterator[List[Any]]:
    for node in walk(tree):
        for field in ("body", "orelse", "finalbody"):
            value = getattr(node, field, None)
            if isinstance(value, list) and value:
                yield value


def find_code(module: CodeType, wanted: CodeType) -> Optional[CodeType]:
    pending = [module]
    while pending:
        code = pending.pop()
        if code.co_name == wanted.co_name and code.co_firstlineno == wanted.co_firstlineno:
            return code
        pending.extend(c for c in code.co_consts if isinstance(c, CodeType))
    return None


def fits(old: CodeType, new: CodeType) -> bool:
    """The source on disk is the source that runs: same arguments, same cells, no name or constant lost."""
    count = old.co_argcount + old.co_kwonlyargcount
    simple = [c for c in old.co_consts if not isinstance(c, CodeType) and not need_not_stay(c)]
    fresh = [c for c in new.co_consts if not isinstance(c, CodeType)]
    return (
        old.co_varnames[:count] == new.co_varnames[:count]
        and old.co_argcount == new.co_argcount
        and old.co_freevars == new.co_freevars
        and old.co_flags == new.co_flags
        and set(old.co_names) <= set(new.co_names)
        and all(any(c is d or (type(c) is type(d) and c == d) for d in fresh) for c in simple)
    )


def brings_strangers(tree: Any, function: FunctionType, code: CodeType) -> bool:
    """Whether a rule reads a name that this version's function does not have, as an argument that is called otherwise now."""
    brought = [
        n for n in walk(tree) if hasattr(n, "of_hook") and type(n).__name__ in ("Name", "arg")
    ]
    known = {
        n.arg if hasattr(n, "arg") else n.id
        for n in brought
        if type(getattr(n, "ctx", None)).__name__ != "Load"
    }
    known.update(function.__globals__, vars(sys.modules["builtins"]))
    pending = [code]
    while pending:
        inner = pending.pop()
        known.update(inner.co_varnames, inner.co_cellvars, inner.co_freevars)
        pending.extend(c for c in inner.co_consts if isinstance(c, CodeType))
    return any(
        n.id not in known and not n.id.startswith(PREFIX) for n in brought if hasattr(n, "id")
    )


def need_not_stay(constant: object) -> bool:
    """What stands in the instructions is left among the constants only where it came first: small integers since 3.14, None since 3.15."""
    if sys.version_info >= (3, 15) and constant is None:
        return True
    return sys.version_info >= (3, 14) and isinstance(constant, int) and 0 <= constant < 256
