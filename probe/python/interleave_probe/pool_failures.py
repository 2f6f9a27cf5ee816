"""Work that failed in a pool while nobody ever asked how it went."""

from __future__ import annotations

import sys
from _weakref import ref
from types import FrameType, ModuleType

from . import creations, edits, errors, pool_told
from .kinds import KIND_ITEM_EXCEPTION_LOST
from .pool_objects import items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

session: Any = None
# id(future) -> (weak reference, item, text); an entry goes when somebody asks.
_failures: Dict[int, Tuple[Any, Any, int]] = {}
# id(frame of Executor.map) -> [asked, stack]: who was told of one failure of a map was told. The stack is there where Python
# code has asked for it.
_groups: Dict[int, List[bool]] = {}
TABLES = (_failures, _groups)
# The names of concurrent.futures._base, and its Executor.map.
_names: Any = None
_map: Any = None
# Of the map that has submitted last: id and code of the frame that calls submit(), the group, its stack. One with the same id and
# code is the same frame until another map begins.
recent: Tuple[int, Any, Any, int] = (0, None, None, 0)


class _Untold:
    """A failed item of a pool that gets too many to tell of each."""

    __slots__ = ("error", "group", "number", "pool")

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.number = 0
        self.error = 0
        self.group: Optional[List[bool]] = None


def install(active: Any) -> None:
    global session
    session = active
    for table in TABLES:
        table.clear()
    forget_stack()


def forget_stack() -> None:
    """Its id is of one process."""
    global recent
    recent = (0, None, None, 0)


def patch(module: ModuleType) -> None:
    """Notes who asks a future for its failure; nothing is added to futures that end well."""
    if session is None:
        return
    global _names, _map
    future: Any = module.Future
    _names, _map = vars(module), module.Executor.map
    core = session.native
    begins = _map_begins if core is None else core.begin_map
    edits.edit(module.Executor.map, [("", "first", "_interleave_map()")], {"map": begins})
    hooks = {"asked": asked}
    edits.edit(
        future._Future__get_result,
        [("raise self._exception", "before", "_interleave_asked(self)")],
        hooks,
    )
    edits.edit(
        future.exception, [("return self._exception", "before", "_interleave_asked(self)")], hooks
    )
    edits.edit(future.add_done_callback, [("fn(self)", "before", "_interleave_asked(self)")], hooks)


def group_of(frame: Optional[FrameType]) -> Optional[List[bool]]:
    """What the items of one Executor.map share, None for items submitted one by one."""
    # The list is made in a frame of its own, until 3.11.
    if frame is None or frame.f_globals is not _names:
        return None
    if frame.f_code is _map.__code__:
        return _group(frame)
    frame = frame.f_back
    return _group(frame) if frame is not None and frame.f_code is _map.__code__ else None


def _map_begins() -> None:
    """The frame of an earlier call may have had the same address."""
    global recent
    recent = (0, None, None, 0)
    _groups.pop(id(sys._getframe(1)), None)


def _group(frame: FrameType) -> List[bool]:
    if len(_groups) > 256:
        _groups.clear()
    group = _groups.get(id(frame))
    return group if group is not None else _groups.setdefault(id(frame), [False])


def submitted_by(frame: FrameType) -> Tuple[Optional[List[bool]], int]:
    """The group of what is submitted here, and where: all of one map from the same line."""
    global recent
    group: Optional[List[Any]] = group_of(frame)
    if group is None:
        return None, creations.stack(frame)
    if len(group) < 2:
        group.append(creations.stack(frame))
    stack = int(group[1])
    recent = (id(frame), frame.f_code, group, stack)
    return group, stack


def failing_item(work: Any, error: BaseException) -> None:
    """The future of this work item is about to get its exception."""
    if session is None:
        return
    item = items.get(id(work.future))
    if item is None:  # not told of one by one; a failure is
        pool = pool_told.pool_here(sys._getframe(2))
        if pool is None:
            return
        item = _Untold(pool)
    item.error = session.sink.string(errors.exception_text(error))
    future = work.future
    if not future._done_callbacks:
        watch_for(future, item, item.error)


def watch_for(future: Any, item: Any, text: int) -> None:
    """Somebody should ask this future, or any object that can be asked once."""
    address = id(future)
    _failures[address] = (ref(future, lambda weak: _gone(address, weak)), item, text)


def asked(future: Any) -> None:
    """Somebody looks at the outcome."""
    entry = _failures.pop(id(future), None)
    if entry is not None and entry[1].group is not None:
        entry[1].group[0] = True


def _gone(address: int, weak: Any) -> None:
    entry = _failures.get(address)
    if entry is not None and entry[0] is weak:
        del _failures[address]
        _say(entry)


def _say(entry: Tuple[Any, Any, int]) -> None:
    item = entry[1]
    if session is None or sys.is_finalizing() or (item.group is not None and item.group[0]):
        return
    session.ring.emit(
        KIND_ITEM_EXCEPTION_LOST, 0, 0, item.pool.id, entry[2], item.number & 0xFFFFFFFF
    )


def finish() -> None:
    """The program ends: nobody will ask any more."""
    for address, entry in list(_failures.items()):
        _failures.pop(address, None)
        _say(entry)
