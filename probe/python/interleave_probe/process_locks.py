"""Locks and semaphores of multiprocessing: every acquire and release, under a name that all processes share."""

from __future__ import annotations

import sys
from _thread import get_ident
from itertools import count
from types import FrameType, ModuleType

from . import (
    actors,
    conditions,
    creations,
    edits,
    native,
    objects,
    process_handles,
    process_notes,
    process_objects,
    types_edit,
    waits,
)
from .around import milliseconds
from .clock import monotonic_ns
from .kinds import (
    ACQUIRE_REENTRY,
    ACQUIRE_TIMEOUT,
    ACQUIRE_TRY,
    ACQUIRE_WAITED,
    KIND_ACQUIRE,
    KIND_RELEASE,
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_ACQUIRE,
    WAIT_CONDITION,
    WAIT_SEMAPHORE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

# What the native core is told of a semaphore.
PART, REENTRANT, LOCK = 1, 2, 4
# Frames of the library between a place that waits and what the program called.
MOST_FRAMES = 16

session: Any = None
_core: Any = None


class Known:
    """One semaphore of the system, as this process knows it."""

    __slots__ = ("capacity", "id", "kind", "made", "part", "shared")

    def __init__(self, shared: str, kind: str, made: "creations.Made", capacity: int) -> None:
        self.shared = shared
        self.kind = kind
        self.made = made
        self.id = 0
        # Inside a queue, condition or event: the outer operation is what the program did.
        self.part = False
        self.capacity = capacity


# handle -> what is known; a new semaphore at an old handle is told of when it is made. Forked children inherit it.
_known: Dict[int, Known] = {}
# handle -> what is known, of those that are parts: of these, the busiest, nothing is told but waits that last.
_inner: Dict[int, Known] = {}
_serial = count(1).__next__
_originals: Dict[str, Any] = {}
_type: Any = None
# Releases told of; a wait takes as long as so many of them, with their acquires. Those of parts cost as much as their notes.
_operations = 0
OF_A_WAIT = 4

PARTS = {
    "Condition": ("_sleeping_count", "_woken_count", "_wait_semaphore"),
    "Event": ("_flag",),
    "Queue": ("_rlock", "_wlock", "_sem"),
    "JoinableQueue": ("_unfinished_tasks",),
    "SimpleQueue": ("_rlock", "_wlock"),
}


def install(active: Any) -> None:
    global session, _core
    session = active
    _core = native.installed()
    if _core is not None:
        native.answer(semaphore=_defined, semaphore_place=_place)
    active.patches.on_import("multiprocessing.synchronize", _patch)
    active.patches.on_import("multiprocessing.queues", _patch_queues)


def uninstall() -> None:
    global session, _type
    session = None
    if _type is not None and _originals:
        types_edit.namespace(_type).update(_originals)
        types_edit.changed(_type)
    _type = None
    _known.clear()
    _inner.clear()


def after_fork_child(active: Any) -> None:
    """The child defines its objects anew; their names are the same."""
    global session, _operations
    session = active
    _operations = 0
    for one in list(_known.values()):
        one.id = 0
        one.made = creations.NOWHERE


def operations() -> int:
    """What the Python hooks have done so far."""
    return _operations


def known(semlock: Any) -> Optional[Known]:
    """What is known of a `_multiprocessing.SemLock`."""
    return _known.get(semlock.handle) if semlock is not None else None


def _patch(module: ModuleType) -> None:
    global _type
    native = sys.modules.get("_multiprocessing")
    kind = getattr(native, "SemLock", None)
    if session is None or kind is None or not types_edit.prepare():
        return
    made = ("self._make_methods()", "before", "_interleave_made(self)")
    edits.edit(module.SemLock.__init__, [made], {"made": _made})
    rebuilt = ("self._make_methods()", "before", "_interleave_rebuilt(self)")
    edits.edit(module.SemLock.__setstate__, [rebuilt], {"rebuilt": _rebuilt})
    copied = (
        "h = context.get_spawning_popen().duplicate_for_child(",
        "after",
        "_interleave_copied(self, h)",
    )
    edits.edit(module.SemLock.__getstate__, [copied], {"copied": _copied})
    for name in ("Condition", "Event"):
        _patch_parts(getattr(module, name), name)
    _type = kind
    if _core is None:  # it takes its hooks from the first that is made
        namespace = types_edit.namespace(kind)
        for name in ("acquire", "release", "__enter__", "__exit__"):
            _originals[name] = namespace[name]
        namespace.update(_replacements())
        types_edit.changed(kind)


def _patch_queues(module: ModuleType) -> None:
    if session is not None:
        for name in ("Queue", "JoinableQueue", "SimpleQueue"):
            _patch_parts(getattr(module, name), name)


def _patch_parts(kind: Any, name: str) -> None:
    hooks = {"parts": _parts}
    last = f"_interleave_parts(self, {name!r})"
    for anchor, function in (
        ("self._reset()", kind.__init__),
        ("self._make_methods()", kind.__init__),
        ("self._wlock = ctx.Lock()", kind.__init__),
        ("self._cond = ctx.Condition()", kind.__init__),
        ("self._flag = ctx.Semaphore(0)", kind.__init__),
        ("self._reset()", getattr(kind, "__setstate__", None)),
        ("self._make_methods()", getattr(kind, "__setstate__", None)),
        ("self._rlock, self._wlock) = state", getattr(kind, "__setstate__", None)),
    ):
        if function is not None and (name != "SimpleQueue") <= ("_wlock" not in anchor):
            edits.edit(function, [(anchor, "after", last)], hooks)


def _parts(thing: Any, name: str) -> None:
    for part in PARTS[name]:
        _is_part(getattr(getattr(thing, part, None), "_semlock", None))
    if name == "Event":
        condition = getattr(thing, "_cond", None)
        _is_part(getattr(getattr(condition, "_lock", None), "_semlock", None))


def _is_part(semlock: Any) -> None:
    one = known(semlock)
    if one is not None:
        one.part = True
        _inner[semlock.handle] = one
        _tell_core(semlock, one)


def _tell_core(semlock: Any, one: Known) -> None:
    if _core is not None and _type is not None:
        _core.hook_semaphores(types_edit.namespace(_type), semlock)
        about = LOCK if one.kind.endswith("Lock") else 0
        about |= (PART if one.part else 0) | (REENTRANT if one.kind == "RLock" else 0)
        _core.know_semaphore(semlock.handle, about)


def _made(lock: Any) -> None:
    if session is None:
        return
    semlock = lock._semlock
    name = semlock.name
    # Under fork the name is gone, and the address is the same in all children.
    shared = f"sem:{name}" if name else f"sem:{session.pid}:{semlock.handle:x}:{_serial()}"
    frame: Optional[FrameType] = sys._getframe(2)
    kind = what = type(lock).__name__
    while frame is not None and frame.f_globals.get("__name__", "").startswith("multiprocessing."):
        what += f" {frame.f_lineno}"  # parts of one thing are counted each by itself
        frame = frame.f_back
    made = creations.made(creations.stack(frame) if frame is not None else 0, frame, what)
    _note(semlock, Known(shared, kind, made, semlock.maxvalue))


def _copied(lock: Any, handle: int) -> None:
    """Only on Windows: a child gets a handle of its own, under this number."""
    one = known(lock._semlock)
    spawning = sys.modules["multiprocessing.context"].get_spawning_popen()
    if session is not None and one is not None and spawning is not None:
        process_handles.give(session, spawning.pid, handle, one.shared)


def _rebuilt(lock: Any) -> None:
    if session is not None:
        semlock = lock._semlock
        shared = f"sem:{semlock.name or semlock.handle}"
        if process_handles.HERE:
            shared = process_handles.given(session, session.pid, semlock.handle) or shared
        _note(semlock, Known(shared, type(lock).__name__, creations.NOWHERE, semlock.maxvalue))


def _note(semlock: Any, one: Known) -> None:
    _known[semlock.handle] = one
    _inner.pop(semlock.handle, None)
    _tell_core(semlock, one)


def _object_of(one: Known) -> int:
    if not one.id:
        capacity = one.capacity if one.kind == "BoundedSemaphore" else None
        kinds = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
        one.id = int(
            session.sink.object(
                one.kind if one.kind in kinds else "Other",
                "multiprocessing",
                one.made[0],
                shared=one.shared,
                capacity=capacity,
                internal=True if one.part else None,
                **creations.which(one.made),
            )
        )
    return one.id


# -- what the native core asks ---------------------------------------------------------------------------------------


def _defined(handle: int) -> int:
    """Object id of the semaphore at this handle."""
    one = _known.get(handle)
    return _object_of(one) if one is not None and session is not None else 0


def _place() -> Tuple[int, int, int, int]:
    """(wait, object, stack, frames up to the one whose `self` that object is) where a semaphore is taken now.

    The wait is 0 where no other call of the library stands for it; without such a frame, -1, the answer is not kept.
    """
    frame = sys._getframe(1)
    if session is None:
        return 0, 0, 0, -1
    outer = process_objects.operation(frame)
    stack = int(session.sink.stack(_program_frame(frame)))
    if outer is None:
        return 0, 0, stack, 0
    at: Optional[FrameType] = frame
    for depth in range(MOST_FRAMES):
        if at is None:
            break
        if objects.known_id(conditions.self_of(at)) == outer[1]:
            return outer[0], outer[1], stack, depth
        at = at.f_back
    return outer[0], outer[1], stack, -1


# -- the replaced methods --------------------------------------------------------------------------------------------


def _replacements() -> Dict[str, Any]:
    take, give = _originals["acquire"], _originals["release"]

    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Acquire the semaphore/lock."""
        if self.handle in _inner and take(self, False):
            return True
        return acquire_told(self, args, kwargs)

    def acquire_told(self: Any, args: Any, kwargs: Any) -> Any:
        if session is None:
            return take(self, *args, **kwargs)
        one = _known.get(self.handle)
        if one is not None and one.part and not args and not kwargs and take(self, False):
            return True
        block, timeout = _arguments(args, kwargs)
        if one is None or block is None:
            return take(self, *args, **kwargs)
        flags = 0 if block and timeout is None else ACQUIRE_TIMEOUT if block else ACQUIRE_TRY
        if not one.part and take(self, False):
            _took(self, one, flags, 2)
            return True
        if not block:
            return take(self, *args, **kwargs)
        if one.part and not session.full:
            return _wait_untold(take, self, one, args, kwargs, timeout)
        return _wait(take, self, one, args, kwargs, timeout, flags)

    def release(self: Any) -> None:
        """Release the semaphore/lock."""
        give(self)
        if self.handle not in _inner:
            released(self)

    def released(self: Any) -> None:
        global _operations
        _operations += 1
        one = _known.get(self.handle)
        if one is not None and session is not None:
            session.ring.emit(KIND_RELEASE, 0, actors.current(), _object_of(one), 0, 0)

    def enter(self: Any) -> Any:
        """Enter the semaphore/lock."""
        one = _inner.get(self.handle)
        if one is None or session is None or session.full:
            return acquire_told(self, (), {})
        if take(self, False):
            return True
        # As `_wait_untold`, without its calls: workers of a pool wait for each other here at nearly every item.
        ident = get_ident()
        if waits.on_first is not None:
            waits.on_first()
        began = monotonic_ns()
        note = process_notes.notes[ident] = [began, one, WAIT_ACQUIRE, 0, 0, process_notes.tick()]
        try:
            got = take(self)
        except BaseException:
            process_notes.over(note, RESULT_ERROR, sys._getframe(1))
            raise
        if monotonic_ns() - began < process_notes.SHORT:
            process_notes.notes.pop(ident, None)
        else:
            process_notes.over(note, RESULT_DONE, sys._getframe(1))
        return got

    def leave(self: Any, *args: Any) -> None:
        """Exit the semaphore/lock."""
        give(self)
        if self.handle not in _inner:
            released(self)

    return {"acquire": acquire, "release": release, "__enter__": enter, "__exit__": leave}


def _arguments(args: Any, kwargs: Any) -> Any:
    """(block, timeout), or (None, None) for what only the original can answer."""
    if len(args) > 2 or any(name not in ("block", "timeout") for name in kwargs):
        return None, None
    block = args[0] if args else kwargs.get("block", True)
    timeout = args[1] if len(args) > 1 else kwargs.get("timeout")
    if type(block) not in (bool, int) or type(timeout) not in (type(None), int, float):
        return None, None
    return bool(block), timeout


def _took(semlock: Any, one: Known, flags: int, depth: int) -> None:
    if one.kind == "RLock" and semlock._count() > 1:
        flags |= ACQUIRE_REENTRY
    stack = creations.stack(_program_frame(sys._getframe(depth + 1)))
    session.ring.emit(KIND_ACQUIRE, flags, actors.current(), _object_of(one), stack, 0)


def _program_frame(frame: FrameType) -> FrameType:
    """The first frame outside multiprocessing's own methods."""
    found: Optional[FrameType] = frame
    while found is not None and found.f_globals.get("__name__", "").startswith(
        ("multiprocessing.synchronize", __name__)
    ):
        found = found.f_back
    return found if found is not None else frame


def _wait_untold(take: Any, semlock: Any, one: Known, args: Any, kwargs: Any, timeout: Any) -> Any:
    """For a part of a queue and the like: a note, as for a read, and only what lasts becomes a wait."""
    note = process_notes.note(one, WAIT_ACQUIRE, milliseconds(timeout))
    result = RESULT_ERROR
    try:
        got = take(semlock, *args, **kwargs)
        result = RESULT_DONE if got else RESULT_TIMEOUT
    finally:
        process_notes.over(note, result, sys._getframe(3))
    return got


def describe(one: Known, frame: FrameType) -> Tuple[int, int, int, List[Any]]:
    """The wait of such a note: (wait, object, stack, owners)."""
    op, number = _meaning(one, frame)
    return op, number, int(session.sink.stack(_program_frame(frame))), []


def _meaning(one: Known, frame: FrameType) -> Tuple[int, int]:
    outer = process_objects.operation(frame)
    if outer is not None and (one.part or outer[0] not in (0, WAIT_CONDITION)):
        return outer[0], outer[1]
    mine = WAIT_ACQUIRE if one.part or one.kind.endswith("Lock") else WAIT_SEMAPHORE
    return mine, _object_of(one)


def _wait(
    take: Any, semlock: Any, one: Known, args: Any, kwargs: Any, timeout: Any, flags: int
) -> Any:
    global _operations
    _operations += OF_A_WAIT
    frame = sys._getframe(3)
    op, number = _meaning(one, frame)
    token = waits.begin(
        op, number, session.sink.stack(_program_frame(frame)), milliseconds(timeout)
    )
    result = RESULT_ERROR
    try:
        got = take(semlock, *args, **kwargs)
        result = RESULT_DONE if got else RESULT_TIMEOUT
    finally:
        waits.end(token, result)
    if got and not one.part and session is not None:
        _took(semlock, one, flags | ACQUIRE_WAITED, 3)
    return got
