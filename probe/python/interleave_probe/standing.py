"""Finds by their frames the threads that stand at a lock nobody saw them ask for, and who holds that lock.

While a lock is too hot to be hooked, a deadlock can close unseen. A thread that has not moved at a `with x:` or
`x.acquire()` is resolved by reading that line's expression in the frame's own names; owners are found by the `with` blocks
that the other threads are inside of. Only plain names, attributes and items are read: no code of the program runs.
"""

from __future__ import annotations

from _thread import get_ident
from types import FrameType

from . import actors, files, internals, locks, python_locks, waits
from .edits import ONLY_TREE, walk
from .frames import current as frames_now
from .kinds import OWNER_HOLDER, RESULT_UNKNOWN, WAIT_ACQUIRE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

    from .recorded import Session

_CALLS = ("acquire", "__enter__", "_acquire_restore", "acquire_lock")
_MISSING = object()
# File -> its lines, None when it cannot be read; and (file) -> its with statements as (first, last, items, body's first).
_lines: Dict[str, Optional[List[str]]] = {}
_blocks: Dict[str, List[Tuple[int, int, List[Any], int]]] = {}
# (file, line) -> expressions of locks asked for there
_asked: Dict[Tuple[str, int], List[Any]] = {}
# thread -> (where it stands, token of the wait written for it)
_standing: Dict[int, Tuple[Tuple[int, ...], int]] = {}
_session: "Optional[Session]" = None
_watcher = 0


def install(session: "Session", watcher: int) -> None:
    """Called in the watcher's thread when it starts."""
    global _session, _watcher
    _session, _watcher = session, watcher
    _standing.clear()
    python_locks.standing_owners = owners


def moved(ident: int, top: Tuple[int, ...]) -> None:
    """Ends the wait of a thread that no longer stands where it stood."""
    entry = _standing.get(ident)
    if entry is not None and entry[0] != top:
        del _standing[ident]
        waits.end(entry[1], RESULT_UNKNOWN)


def look(ident: int, actor: int, top: Tuple[int, ...], since: int, stack: int) -> None:
    """A thread has stood at the same instruction for a while, using no CPU, and no wait of it is known."""
    session = _session
    if session is None or ident in _standing or actor in waits.by_actor:
        return
    frame = frames_now().get(ident)
    lock = _awaited(frame) if frame is not None else None
    del frame
    if lock is None:
        _standing[ident] = (top, 0)
        return
    token = waits.begin(
        WAIT_ACQUIRE,
        locks.lock_object_id(lock),
        stack,
        0,
        actor,
        lambda _: locks.owners(lock),
        since,
    )
    _standing[ident] = (top, token)


def owners(lock: Any) -> List[Tuple[int, int, int]]:
    """The threads that are inside a `with` block of this lock, in the watcher's thread only: it reads files."""
    session = _session
    if session is None or get_ident() != _watcher:
        return []
    found = []
    frames = frames_now()
    for ident, frame in frames.items():
        inner: Optional[FrameType] = frame
        while inner is not None:
            if _inside(inner, lock):
                info = actors.by_ident.get(ident)
                if info is not None:
                    found.append((info.id, session.sink.capture(inner)))
                break
            inner = inner.f_back
    frames.clear()
    frame = inner = None  # type: ignore[assignment]
    return [(OWNER_HOLDER, actor, session.sink.captured(captured)) for actor, captured in found]


def _awaited(frame: FrameType) -> Any:
    """The lock that the innermost line of a thread asks for; None when it does not, or when that is not sure."""
    while frame.f_code.co_filename.startswith(files.OURS) and frame.f_back is not None:
        frame = frame.f_back
    if internals.role(frame) != internals.PROGRAM:
        return None
    file, line = frame.f_code.co_filename, frame.f_lineno
    key = (file, line)
    wanted = _asked.get(key)
    if wanted is None:
        wanted = _asked[key] = _parse(file, line)
    taken = [
        lock
        for lock in (_lock_of(_value(node, frame)) for node in wanted)
        if lock is not None and _is_taken(lock)
    ]
    return taken[0] if len(taken) == 1 else None


def _is_taken(lock: Any) -> bool:
    if type(lock) is locks.LockType:
        return bool(lock.locked())
    return "locked" in repr(lock).split()[0] and "unlocked" not in repr(lock).split()[0]


def _lock_of(value: Any) -> Any:
    """A lock as it is, a condition's lock, None for all else."""
    if type(value) in (locks.LockType, locks.RLockType):
        return value
    if (
        value is not _MISSING
        and type(value).__module__ == "threading"
        and type(value).__name__ == "Condition"
    ):
        return _lock_of(value.__dict__.get("_lock", _MISSING))
    return None


def _source(file: str) -> Optional[List[str]]:
    if file not in _lines:
        try:
            _lines[file] = files.contents(file).decode("utf-8", "replace").splitlines()
        except OSError:
            _lines[file] = None
    return _lines[file]


def _parse(file: str, line: int) -> List[Any]:
    lines = _source(file)
    if lines is None or not 0 < line <= len(lines):
        return []
    text = lines[line - 1].strip()
    for candidate in (
        text,
        text + " pass",
        text.rstrip(":") + ": pass",
        "with " + text.rstrip(",:)") + ": pass",
    ):
        try:
            tree: Any = compile(candidate, "<line>", "exec", ONLY_TREE, True)
        except (SyntaxError, ValueError):
            continue
        asked = list(_asked_in(tree))
        return asked if _is_all_it_calls(tree, asked) else []
    return []


def _is_all_it_calls(tree: Any, asked: List[Any]) -> bool:
    """False when a thread may stand at this line in another call: `with lock: sleep(1)` has the lock and waits for none."""
    calls = [node for node in walk(tree) if type(node).__name__ in ("Call", "Await", "YieldFrom")]
    return all(
        type(node).__name__ == "Call"
        and not node.args
        and not node.keywords  # it may give up
        and getattr(node.func, "value", None) in asked
        for node in calls
    )


def _asked_in(tree: Any) -> Iterator[Any]:
    for node in walk(tree):
        kind = type(node).__name__
        if kind == "With":
            for item in node.items:
                yield item.context_expr
        elif (
            kind == "Call" and type(node.func).__name__ == "Attribute" and node.func.attr in _CALLS
        ):
            yield node.func.value


def _inside(frame: FrameType, lock: Any) -> bool:
    file, line = frame.f_code.co_filename, frame.f_lineno
    first = frame.f_code.co_firstlineno
    for start, end, items, body in _with_blocks(file):
        if first <= start < body <= line <= end and any(
            _lock_of(_value(item, frame)) is lock for item in items
        ):
            return True
    return False


def _with_blocks(file: str) -> List[Tuple[int, int, List[Any], int]]:
    known = _blocks.get(file)
    if known is None:
        known = _blocks[file] = []
        lines = _source(file)
        if lines is not None and len(lines) < 20_000:
            try:
                tree: Any = compile("\n".join(lines) + "\n", file, "exec", ONLY_TREE, True)
            except (SyntaxError, ValueError):
                return known
            for node in walk(tree):
                if type(node).__name__ == "With":
                    items = [item.context_expr for item in node.items]
                    known.append((node.lineno, node.end_lineno, items, node.body[0].lineno))
    return known


def _value(node: Any, frame: FrameType) -> Any:
    """What a plain expression stands for in a frame; _MISSING for anything that would have to be run."""
    kind = type(node).__name__
    if kind == "Name":
        found = frame.f_locals.get(node.id, _MISSING)
        return frame.f_globals.get(node.id, _MISSING) if found is _MISSING else found
    if kind == "Constant":
        return node.value
    if kind == "Attribute":
        return _attribute(_value(node.value, frame), node.attr)
    if kind == "Subscript":
        container, key = _value(node.value, frame), _value(node.slice, frame)
        if type(container) in (list, tuple, dict) and type(key) in (int, str):
            try:
                return container[key]
            except (LookupError, TypeError):
                return _MISSING
    return _MISSING


def _attribute(owner: Any, name: str) -> Any:
    if owner is _MISSING:
        return _MISSING
    kind = type(owner)
    if isinstance(owner, type) and kind is type:
        bases = type.mro(owner)
    else:
        try:
            own = object.__getattribute__(owner, "__dict__")
        except AttributeError:
            own = {}
        if type(own) is dict and name in own:
            return own[name]
        bases = type.mro(kind) if type(kind) is type else []
    for base in bases:
        if name in base.__dict__:
            found = base.__dict__[name]
            if type(found).__name__ == "member_descriptor" and base.__dict__ is not owner:
                try:
                    return found.__get__(owner)
                except (AttributeError, TypeError):
                    return _MISSING
            return found
    return _MISSING
