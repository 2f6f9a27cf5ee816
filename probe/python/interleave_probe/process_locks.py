"""Locks and semaphores of multiprocessing: every acquire and release, under a name that all processes share."""

from __future__ import annotations

import sys
from itertools import count
from types import FrameType, ModuleType

from . import (
    conditions,
    creations,
    edits,
    native,
    objects,
    process_handles,
    process_objects,
    types_edit,
)
from .kinds import (
    WAIT_ACQUIRE,
    WAIT_CONDITION,
    WAIT_SEMAPHORE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

# What the native core is told of a semaphore.
PART, REENTRANT, LOCK = 1, 2, 4
# None of the program's: the library's methods, this and what stands in the place of SemLock's.
OWN = ("multiprocessing.synchronize", __name__, f"{__package__}.process_lock_hooks")
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
known_at: Dict[int, Known] = {}
# handle -> what is known, of those that are parts: of these, the busiest, nothing is told but waits that last.
inner: Dict[int, Known] = {}
_serial = count(1).__next__
_originals: Dict[str, Any] = {}
_type: Any = None
# The replaced methods, where the core is Python.
_hooks: Any = None

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
    known_at.clear()
    inner.clear()


def after_fork_child(active: Any) -> None:
    """The child defines its objects anew; their names are the same."""
    if _hooks is not None:
        _hooks.reset()
    for one in list(known_at.values()):
        one.id = 0
        one.made = creations.inherited(one.made)


def operations() -> int:
    """What the Python hooks have done so far."""
    return 0 if _hooks is None else int(_hooks.operations)


def known(semlock: Any) -> Optional[Known]:
    """What is known of a `_multiprocessing.SemLock`."""
    return known_at.get(semlock.handle) if semlock is not None else None


def _patch(module: ModuleType) -> None:
    global _type, _hooks
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
        from . import process_lock_hooks as _hooks

        namespace.update(_hooks.replacements(_originals))
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
        inner[semlock.handle] = one
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
    known_at[semlock.handle] = one
    inner.pop(semlock.handle, None)
    _tell_core(semlock, one)


def object_of(one: Known) -> int:
    if not one.id:
        capacity = one.capacity if one.kind == "BoundedSemaphore" else None
        kinds = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
        one.id = int(
            session.sink.object(
                one.kind if one.kind in kinds else "Other",
                "multiprocessing",
                creations.stack_of(one.made),
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
    one = known_at.get(handle)
    return object_of(one) if one is not None and session is not None else 0


def _place() -> Tuple[int, int, int, int]:
    """(wait, object, stack, frames up to the one whose `self` that object is) where a semaphore is taken now.

    The wait is 0 where no other call of the library stands for it; without such a frame, -1, the answer is not kept.
    """
    frame = sys._getframe(1)
    if session is None:
        return 0, 0, 0, -1
    outer = process_objects.operation(frame)
    stack = int(session.sink.stack(program_frame(frame)))
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


def program_frame(frame: FrameType) -> FrameType:
    """The first frame outside multiprocessing's own methods."""
    found: Optional[FrameType] = frame
    while found is not None and found.f_globals.get("__name__", "").startswith(OWN):
        found = found.f_back
    return found if found is not None else frame


def describe(one: Known, frame: FrameType) -> Tuple[int, int, int, List[Any]]:
    """The wait of such a note: (wait, object, stack, owners)."""
    op, number = meaning(one, frame)
    return op, number, int(session.sink.stack(program_frame(frame))), []


def meaning(one: Known, frame: FrameType) -> Tuple[int, int]:
    outer = process_objects.operation(frame)
    if outer is not None and (one.part or outer[0] not in (0, WAIT_CONDITION)):
        return outer[0], outer[1]
    mine = WAIT_ACQUIRE if one.part or one.kind.endswith("Lock") else WAIT_SEMAPHORE
    return mine, object_of(one)
