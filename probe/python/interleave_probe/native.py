"""The native core: finds the binary that fits, puts its hooks in place and lets the other parts use its functions."""

from __future__ import annotations

import _thread
import gc
import os
import sys
from types import CodeType, FrameType, ModuleType

from . import actors, creations, files, internals, locks, native_binary, objects, waits
from .frames import current as frames_now
from .kinds import (
    OWNER_HOLDER,
    TASK_BIT,
)
from .sink import enough_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from .recorded import Session

    Frames = Tuple[Tuple[CodeType, int], ...]

_session: "Optional[Session]" = None
_core: Any = None
# (actor, begin of the wait) -> when its owners were last told
refreshed: Dict[Tuple[int, int], int] = {}
# What the core may ask: name -> function
_answers: Dict[str, Any] = {}


# -- finding it ----------------------------------------------------------------------------------------------------


def find(options: Dict[str, str]) -> Optional[ModuleType]:
    """The native core for this interpreter, None where there is none or `core=python` is asked for."""
    if (
        options.get("core") == "python"
        or sys.implementation.name != "cpython"
        or sys.maxsize < 1 << 32
    ):
        return None
    oldest, newer = native_binary.VERSIONS
    if not oldest <= sys.version_info[:2] < newer:
        return None
    for path in native_binary.candidates(options.get("native")):
        if not os.path.exists(path):
            continue
        try:
            module = native_binary.load(path)
        except ImportError:
            continue
        if getattr(module, "interface", 0) != native_binary.INTERFACE:
            continue
        try:
            _answers.clear()
            _answers.update(_callbacks())
            module.begin(_answers)
        except RuntimeError:  # an interpreter that looks different
            continue
        return module
    return None


# -- installing ----------------------------------------------------------------------------------------------------


def use(session: "Session") -> None:
    """Before a stream is opened, also in a forked child: from here on the native core says who acts."""
    global _core
    core: Any = session.lock_core
    if core is None:
        return
    sink = session.sink
    forked = _core is core
    if forked:
        core.after_fork()
    if session.native is not None:
        core.use_sink(sink._strings, sink.string, sink._next_task)
    if forked:
        return
    _core = core
    patches = session.patches
    patches.undo(_end)
    patches.replace(actors, "_Slot", _Slot)
    for name in (
        "current",
        "current_thread",
        "enter_task",
        "leave_task",
        "enter_loop",
        "leave_loop",
    ):
        patches.replace(actors, name, getattr(core, name))


def install(session: "Session") -> None:
    """Puts the lock hooks in place. Raises, with nothing changed, when the interpreter looks different."""
    global _session
    core: Any = session.lock_core
    if core is None:
        session.say_blind(
            "The native core does not run here, so locks are recorded with less detail."
        )
        return
    from . import native_waits

    _session = session
    core.install(_dict(locks.LockType), _dict(locks.RLockType), session.ring, session.full)
    patches = session.patches
    patches.replace(waits, "refresh", native_waits.refresh_also(waits.refresh))
    if hasattr(waits, "due"):
        patches.replace(waits, "due", native_waits.due_also(waits.due))
    patches.replace(actors, "next_epoch", _epoch_also(actors.next_epoch))
    for name, function in (
        ("lock_object_id", lock_object_id),
        ("owners", owners),
        ("held", held),
        ("flush", flush),
        ("creation_seen", lambda: True),
        ("creation", creation),
        ("afford", lambda: True),
    ):
        patches.replace(locks, name, function)
    patches.on_import("threading", _learn)
    if session.native is not None:
        patches.on_import("_queue", lambda queue: core.install_simple(_dict(queue.SimpleQueue)))


def installed() -> Any:
    """The native core when its hooks are in place, else None; also where it is the one that sees locks alone."""
    return _core if _session is not None and _session.native is not None else None


def answer(**questions: Any) -> None:
    """What a part answers when the core asks."""
    _answers.update(questions)


def _callbacks() -> Dict[str, Any]:
    from . import native_waits, queues, semaphores

    return {
        "folder": files.OURS,
        "waiting": waits.by_actor,
        "thread": claim,
        "running_task": running_task,
        "stack": stack,
        "define": define,
        "chain": chain,
        "judge": judge,
        "subject": objects.known_id,
        "wait": native_waits.wait,
        "waited": waits.end,
        "permits": semaphores._known,
        "signals": semaphores._signals,
        "queue": queues.queue_id,
        "waits": vars(waits),
        "first": _first,
    }


def uninstall() -> None:
    """Puts every original back."""
    global _session
    if _session is not None:
        _core.flush_counts(False)
        _core.uninstall()
    _session = None
    refreshed.clear()


def after_fork_child(session: "Session") -> None:
    """The child writes to a ring of its own."""
    if _session is not None:
        refreshed.clear()
        _core.use_ring(session.ring)


def _end() -> None:
    """The last step of all: the functions that say who acts are the Python ones again."""
    global _core
    known = _core.known_thread()
    slot = actors._Slot()
    if known:
        slot.thread = slot.actor = known
    actors._slot = slot
    _core.end()
    _core = None


def _dict(kind: type) -> Dict[str, Any]:
    """A built-in type's own dict: what its read-only proxy stands for."""
    found: Any = gc.get_referents(kind.__dict__)[0]
    return found  # type: ignore[no-any-return]


class _Slot(_thread._local):
    """What actors.py keeps per thread, kept by the native core."""

    @property
    def thread(self) -> int:
        known: int = _core.known_thread()
        if not known:
            raise AttributeError("thread")
        return known

    @thread.setter
    def thread(self, id: int) -> None:
        _core.set_thread(id)

    @property
    def actor(self) -> int:
        _ = self.thread  # gives the thread its id
        return _core.current()  # type: ignore[no-any-return]

    @actor.setter
    def actor(self, id: int) -> None:
        if id & TASK_BIT:
            _core.enter_task(id)
        else:
            _core.leave_task()


# -- what the native core asks -------------------------------------------------------------------------------------


def _first() -> None:
    """There is something to watch."""
    if waits.on_first is not None:
        waits.on_first()


def claim() -> int:
    """Id of the running thread, which has none yet."""
    return actors._claim().id


def running_task() -> int:
    """Id of the task whose step the running thread's loop is in, 0 between steps."""
    ask = actors.running_task
    return ask() if ask is not None else 0


def judge(code: CodeType) -> int:
    """Whose the locks are that this code takes, and, shifted by 4, those that it makes."""
    takes = internals._judge(code)
    makes = internals._PASS if internals._makes(code) else takes
    if takes == internals.HIDDEN and _is_condition_wait(code):
        takes = 4
    return (3 if takes < 0 else takes) | (3 if makes < 0 else makes) << 4


def _learn(threading: Any) -> None:
    internals.learn(threading)
    _core.rejudge()


def _is_condition_wait(code: CodeType) -> bool:
    condition = getattr(sys.modules.get("threading"), "Condition", None)
    wait_code = getattr(getattr(condition, "wait", None), "__code__", None)
    return code is wait_code


def stack(frames: Frames) -> int:
    """Stack id of (code, instruction) pairs, innermost first."""
    session = _session
    if session is None:
        return 0
    sink = session.sink
    places = sink._places
    sites = []
    for code, instruction in frames:
        key = (id(code), instruction)
        site = places.get(key)
        if site is None:
            site = sink._place(code, key, line_of(code, instruction))
            places = sink._places
        if site:
            sites.append(site)
    return sink.stack_of(sites)


def line_of(code: CodeType, instruction: int) -> int:
    """The source line of an instruction; the function's first when it has none."""
    if hasattr(code, "co_lines"):
        for start, end, line in code.co_lines():
            if start <= instruction < end:
                return line or code.co_firstlineno
        return code.co_firstlineno
    line, address = code.co_firstlineno, 0
    table = code.co_lnotab
    for index in range(0, len(table), 2):
        address += table[index]
        if address > instruction:
            break
        step = table[index + 1]
        line += step - 256 if step >= 128 else step
    return line


def define(kind: int, created: int, address: int, role: int, nth: int, among: int) -> int:
    """Object id of a lock that something is said of for the first time."""
    session = _session
    if session is None:
        return 0
    return session.sink.object(
        "RLock" if kind == 2 else "Lock",
        "threading",
        created,
        address=f"{address:#x}",
        internal=True if role else None,
        nth=nth or None,
        among=among or None,
    )


def chain(held: "List[Tuple[int, Frames]]", here: Frames) -> int:
    """Chain id of locks held: each with the site of its acquire and, where that still runs, who called it."""
    session = _session
    if session is None:
        return 0
    return session.sink.chain(
        [(lock, stack(with_callers(site, here))) for lock, site in enough_of(held)]
    )


def with_callers(site: Frames, here: Frames) -> Frames:
    """A site with the callers that its function has on this stack; alone where it does not run any more."""
    if not site or not here:
        return site or here
    code = site[0][0]
    for index, (other, _) in enumerate(here):
        if other is code:
            return site + here[index + 1 :]
    return site


# -- what the other parts ask --------------------------------------------------------------------------------------


def lock_object_id(lock: Any) -> int:
    """Object id of a lock, defined if it is not yet."""
    if type(lock) not in (locks.LockType, locks.RLockType):
        return 0
    return _core.object_id(id(lock), 2 if type(lock) is locks.RLockType else 1)  # type: ignore[no-any-return]


def owners(lock: Any) -> List[Tuple[int, int, int]]:
    """[(OWNER_HOLDER, actor, stack of its acquire)] of a held lock, empty when it is free or nobody knows."""
    return _owners_at(id(lock), frames_now())


def _owners_at(address: int, frames: Dict[int, FrameType]) -> List[Tuple[int, int, int]]:
    found = _core.owner(address)
    if found is None:
        return []
    actor, site, _ = found
    if not actor:
        return []
    here = places(actor, frames)
    frames.clear()
    return [(OWNER_HOLDER, actor, stack(with_callers(site, here)))]


def places(actor: int, frames: Dict[int, FrameType]) -> Frames:
    """Where an actor is now; keeps none of its frames, which must die in their own thread."""
    here: List[Tuple[CodeType, int]] = []
    for innermost in waits.frames_of(actor, frames):
        frame: Optional[FrameType] = innermost
        while frame is not None and len(here) < 32:
            here.append((frame.f_code, frame.f_lasti))
            frame = frame.f_back
    return tuple(here)


def held(actor: int) -> List[Tuple[int, int]]:
    """Pairs (object id, stack) of the locks an actor holds, outermost first; library-internal ones left out."""
    return [(lock, stack(site)) for lock, site in _core.held(actor)]


def creation(lock: Any) -> "creations.Made":
    """Where a lock was made."""
    return _core.creation(id(lock))  # type: ignore[no-any-return]


def flush() -> None:
    """Writes the cumulative numbers of the locks that something has happened to since."""
    _core.flush_counts(False)


def _epoch_also(original: Any) -> Any:
    def next_epoch() -> None:
        original()
        if _core is not None:
            _core.bump_epoch()

    return next_epoch
