"""Rewrites a function's source: hooks between its statements, no line moved, no column changed.

Only what nobody has rewritten before for this Python comes here: see `edit_cache.py`.
"""

from __future__ import annotations

import sys
from types import CodeType, FunctionType

from .edits import ONLY_TREE, PREFIX, fits, source_lines, source_of, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence

    from .edits import Rule

FUTURE_FLAGS = 0x1FE0000


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
