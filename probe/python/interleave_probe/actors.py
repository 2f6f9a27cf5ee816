"""Who acts: ids of threads, and of the task a thread runs a step of."""

from __future__ import annotations

import _thread
import sys
from _thread import get_ident
from itertools import count

from . import objects
from .fields import field
from .files import OURS, system
from .frames import current as frames_now
from .kinds import KIND_THREAD_END, KIND_THREAD_START, TASK_BIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional

    from .ring import Ring
    from .sink import Sink


class ThreadInfo:
    """What is known of one live thread."""

    __slots__ = (
        "__weakref__",
        "claimed",
        "daemon",
        "ended",
        "id",
        "ident",
        "main",
        "name",
        "native",
        "pool",
        "target",
    )

    def __init__(self, id: int, ident: int) -> None:
        self.id = id
        self.ident = ident
        self.name = ""
        self.daemon = False
        self.main = False
        self.native: Optional[int] = None
        self.pool: Optional[int] = None
        self.target: Optional[str] = None
        # A thread that the watcher saw first is not claimed until it acts itself.
        self.claimed = False
        self.ended = False


class _Slot(_thread._local):
    """Per thread: `actor` is the thread's id, or TASK_BIT | task id during a task's step; `thread` its own id."""


class _End:
    """Dies with its thread's locals: how the end of threads not made by `threading` is noticed."""

    __slots__ = ("info",)

    def __init__(self, info: ThreadInfo) -> None:
        self.info = info

    def __del__(self) -> None:
        end = _ended
        if end is not None:
            end(self.info)


_slot = _Slot()
_sink: Optional[Sink] = None
_ring: Optional[Ring] = None
_pid = 0
# The probe's own thread, which is none of the program's: what it does or sets off is nobody's doing.
watcher = 0
_nobody = ThreadInfo(0, 0)
# Set by the loop hooks: gives the id of the task that runs in this thread, 0 between tasks.
running_task: Optional[Callable[[], int]] = None
# The thread that installed the probe: the main one, as long as `threading` says nothing else.
_first = 0
by_ident: Dict[int, ThreadInfo] = {}
by_id: Dict[int, ThreadInfo] = {}
# actor -> another with each thread it starts or joins: what it does before and after cannot meet in that thread.
epochs: Dict[int, int] = {}
_epoch = count(1)
# Of tasks that start threads nobody says that they have ended.
MOST_EPOCHS = 4096
# Called as (info) when a thread is gone.
on_end: List[object] = []


def install(sink: Sink, ring: Ring) -> None:
    """Starts anew, in a new process too: the thread that calls is the main one if it is the interpreter's."""
    global _slot, _sink, _ring, _ended, _first, _pid, watcher
    _sink, _ring = sink, ring
    _pid = system.getpid()
    _first = get_ident()
    watcher = 0
    for info in by_id.values():  # in a forked child: the parent's threads, dropped in silence
        info.ended = True
    by_ident.clear()
    by_id.clear()
    epochs.clear()
    _slot = _Slot()
    _ended = _thread_gone
    current()


def uninstall() -> None:
    """Forgets everybody."""
    global _sink, _ring, _ended
    _ended = None
    _sink = _ring = None
    by_ident.clear()
    by_id.clear()


def current() -> int:
    """Actor id of the running thread, or of the task whose step it runs."""
    try:
        return _slot.actor  # type: ignore[no-any-return]
    except AttributeError:
        return _in_loop()


def current_thread() -> int:
    """Id of the running thread, also during a task's step."""
    try:
        return _slot.thread  # type: ignore[no-any-return]
    except AttributeError:
        return _claim().id


def _in_loop() -> int:
    """A thread without an `actor` is new, or runs an event loop: then the running task is asked for only now."""
    thread: Optional[int] = getattr(_slot, "thread", None)
    if thread is None:
        return _claim().id
    task = running_task() if running_task is not None else 0
    return TASK_BIT | task if task else thread


def enter_loop() -> None:
    """The running thread runs an event loop: whoever asks for its actor gets the task that runs then, if one does."""
    current_thread()
    vars(_slot).pop("actor", None)


def leave_loop() -> None:
    """The event loop has stopped."""
    _slot.actor = current_thread()


def enter_task(task_id: int) -> None:
    """From here on the running thread acts for this task."""
    if not hasattr(_slot, "thread"):
        _claim()
    _slot.actor = TASK_BIT | task_id


def leave_task() -> None:
    """The running thread acts for itself again."""
    try:
        _slot.actor = _slot.thread
    except AttributeError:
        _claim()


def thread_id(ident: Optional[int] = None) -> int:
    """Id of the thread with this `threading.get_ident()` number, the running one by default."""
    if ident is None or ident == get_ident():
        return current_thread()
    info = by_ident.get(ident)
    if info is None:
        info = _new(ident)
    return info.id


def seen(ident: int) -> ThreadInfo:
    """What is known of a live thread that somebody else has seen."""
    info = by_ident.get(ident)
    return info if info is not None else _new(ident)


def seen_quietly(ident: int) -> ThreadInfo:
    """A live thread that nothing is known of yet, without an id: writing would give the GIL away. See `define_seen`."""
    info = ThreadInfo(0, ident)
    _describe(info)
    return info


def define_seen(info: ThreadInfo) -> None:
    """Gives a thread seen quietly its id, unless it has spoken for itself meanwhile."""
    known = by_ident.get(info.ident)
    if known is not None:
        info.id = known.id
    elif _sink is not None:
        info.id = _sink.new_thread()
        # Known before it is written: writing gives the GIL to the thread itself, which must not take a second id.
        by_id[info.id] = info
        by_ident[info.ident] = info
        define(info)


def gone_quietly(info: ThreadInfo) -> None:
    """A thread that never spoke for itself is no longer there."""
    if not info.claimed and by_id.get(info.id) is info:
        _thread_gone(info)


def silence() -> None:
    """The interpreter is about to tear everything down: ends of threads are no longer told."""
    global _ended
    _ended = None


def begin_thread(
    creator: int, stack: int, thread: object = None, target: Optional[str] = None
) -> ThreadInfo:
    """Called in a thread as its first act, with its `threading.Thread`: whoever had the same ident before is gone."""
    info = _claim(thread, target)
    if _ring is not None:
        _ring.emit(KIND_THREAD_START, 0, info.id, creator, stack, 0)
    return info


def end_thread() -> None:
    """Called in a thread as its last act."""
    info = by_ident.get(get_ident())
    if info is not None:
        _thread_gone(info)


def next_epoch() -> None:
    """The running actor has started or joined a thread."""
    actor = current()
    epochs.pop(actor, None)  # the latest stand last
    epochs[actor] = next(_epoch)
    objects.forget_oldest(epochs, MOST_EPOCHS)


def define(info: ThreadInfo) -> None:
    """Writes a thread's definition as it is now."""
    if _sink is not None:
        _sink.thread(
            info.id,
            info.name,
            info.daemon,
            info.main,
            native=info.native,
            pool=info.pool,
            target=info.target,
        )


def refresh(info: ThreadInfo) -> bool:
    """Looks the thread's name up again; True, and defined anew, when something has changed."""
    before = (info.name, info.daemon, info.native)
    _describe(info)
    if before == (info.name, info.daemon, info.native):
        return False
    define(info)
    return True


def set_pool(pool: int, ident: Optional[int] = None) -> None:
    """Says that a thread is a worker of this pool object."""
    info = by_id.get(thread_id(ident))
    if info is not None and info.pool != pool:
        info.pool = pool
        define(info)


def _claim(thread: object = None, target: Optional[str] = None) -> ThreadInfo:
    ident = get_ident()
    if ident == watcher:
        _slot.thread = _slot.actor = 0
        return _nobody
    info = by_ident.get(ident)
    if info is None or info.claimed:
        if info is not None:
            _thread_gone(info)
        info = _new(ident, thread, target)
    elif thread is not None:
        info.target = target
        _describe(info, thread)
        define(info)
    info.claimed = True
    slot = _slot
    slot.thread = slot.actor = info.id
    slot.end = _End(info)
    return info


def _new(ident: int, thread: object = None, target: Optional[str] = None) -> ThreadInfo:
    sink = _sink
    info = ThreadInfo(sink.new_thread() if sink is not None else 0, ident)
    info.target = target
    by_id[info.id] = info
    by_ident[ident] = info
    _describe(info, thread)
    define(info)
    return info


def _describe(info: ThreadInfo, thread: object = None) -> None:
    """Takes name and kind from `threading`'s own table, without running any code of the program."""
    threading = sys.modules.get("threading")
    main = getattr(threading, "_main_thread", None)
    if thread is None:
        thread = getattr(threading, "_active", {}).get(info.ident)
    if thread is None:
        info.main = info.main or (threading is None and info.ident == _first)
        if not info.name:
            info.name = "MainThread" if info.main else _raw_name(info)
        return
    info.main = thread is main
    name = field(thread, "_name")
    if type(name) is str:
        info.name = name
    info.daemon = bool(field(thread, "_daemonic"))
    native = field(thread, "_native_id")
    if type(native) is int:
        info.native = native


def _raw_name(info: ThreadInfo) -> str:
    """Of a thread that `threading` does not know: what it runs, which is its outermost frame."""
    frame = sys._getframe(1) if info.ident == get_ident() else frames_now().get(info.ident)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    code = frame.f_code if frame is not None else None
    if code is None or code.co_filename.startswith(OURS):
        return f"Thread {info.ident:#x}"
    info.target = str(getattr(code, "co_qualname", code.co_name))
    return f"{info.target} ({info.ident:#x})"


def _thread_gone(info: ThreadInfo) -> None:
    # A forked child drops the other threads before anybody has told us of the fork: the ring is still the parent's.
    if info.ended or system.getpid() != _pid:
        return
    info.ended = True
    if by_ident.get(info.ident) is info:
        del by_ident[info.ident]
    by_id.pop(info.id, None)
    epochs.pop(info.id, None)
    for callback in on_end:
        callback(info)  # type: ignore[operator]
    if _ring is not None:
        _ring.emit(KIND_THREAD_END, 0, info.id, 0, 0, 0)


_ended: Optional[Callable[[ThreadInfo], None]] = None
