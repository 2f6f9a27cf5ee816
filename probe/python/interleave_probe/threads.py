"""Threads of `threading`: who started them, what they run, and who waits for their end."""

from __future__ import annotations

import sys
from _weakref import ref
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, TracebackType

from . import actors, edits, errors, locks, waits
from .around import Around
from .fields import field
from .kinds import KIND_FAILED, OWNER_JOINED, RESULT_DONE, RESULT_TIMEOUT, WAIT_JOIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple, Type

    from .recorded import Session

_session: "Optional[Session]" = None
# id(Thread) -> (creating actor, stack of start), between start() and the thread's first act.
_starting: Dict[int, Tuple[int, int]] = {}
# id(Thread) -> its actor and what says that the Thread has died: a join may come long after the thread has ended.
_actors: "Dict[int, Tuple[int, ref[Any]]]" = {}
# id() of the exception that has ended the main thread, once it is told; in a forked child that of its parent.
_told = 0


def install(session: "Session") -> None:
    """Hooks `threading` when the program has it."""
    global _session
    _session = session
    session.empties(_starting)
    session.patches.on_import("threading", _hook)


def uninstall() -> None:
    """Forgets the threads under way."""
    global _session
    _session = None
    _starting.clear()
    _actors.clear()


def after_fork_child(session: "Session") -> None:
    """What has ended the parent's main thread is the parent's to tell of."""
    global _told
    _told = id(_last_error())


def finish() -> None:
    """The interpreter ends."""
    main_failed()


def _hook(threading: ModuleType) -> None:
    thread = threading.Thread
    hooks = {"starting": starting, "begun": begun, "joining": Joining, "shutdown": ShuttingDown}
    done = edits.edit_any(
        thread.start,
        [
            [("_start_joinable_thread(", "before", "_interleave_starting(self)")],
            [("_start_new_thread(", "before", "_interleave_starting(self)")],
        ],
        hooks,
    )
    done &= edits.edit(
        thread._bootstrap_inner, [("self._set_ident()", "after", "_interleave_begun(self)")], hooks
    ) or edits.edit(
        thread._bootstrap_inner,
        [("self._started.set()", "before", "_interleave_begun(self)")],
        hooks,
    )
    done &= edits.edit_any(
        thread.join,
        [
            [("self._os_thread_handle.join(", "with", "_interleave_joining(self, timeout)")],
            [("self._handle.join(", "with", "_interleave_joining(self, timeout)")],
            [("self._wait_for_tstate_lock(", "with", "_interleave_joining(self, timeout)")],
        ],
        hooks,
    )
    done &= edits.edit_any(
        threading._shutdown,
        [
            [("_thread_shutdown()", "with", "_interleave_shutdown()")],
            [("lock.acquire()", "with", "_interleave_shutdown(lock)")],
        ],
        hooks,
    )
    if not done and _session is not None:
        _session.say_blind(
            "The source of `threading` could not be read, so starts and joins of threads are not seen."
        )
    edits.edit(
        thread._bootstrap_inner,
        [("self._invoke_excepthook(self)", "before", "_interleave_failed()")],
        {"failed": failed},
    )
    info = actors.by_id.get(actors.current_thread())
    if info is not None:
        actors.refresh(info)


def starting(thread: object) -> None:
    """In Thread.start(), right before the new thread is made."""
    session = _session
    if session is not None:
        if waits.on_first is not None:
            waits.on_first()
        _starting[id(thread)] = (actors.current(), session.sink.stack(sys._getframe(1).f_back))
        actors.next_epoch()
        locks.crowd()


def begun(thread: Any) -> None:
    """In the new thread, before anything of the program."""
    if _session is not None:
        creator, stack = _starting.pop(id(thread), (0, 0))
        info = actors.begin_thread(creator, stack, thread, _target(thread))
        address = id(thread)
        _actors[address] = (info.id, ref(thread, _forgetting(address, _actors)))


def _forgetting(
    address: int, actors: "Dict[int, Tuple[int, ref[Any]]]"
) -> "Callable[[object], None]":
    # Nothing by the module's names: at the interpreter's end these are gone before the last objects are.
    def forget(weak: object) -> None:
        entry = actors.get(address)
        if entry is not None and entry[1] is weak:  # else another lies there now
            del actors[address]

    return forget


def failed() -> None:
    """Where an exception that nobody has caught is handled in its thread."""
    _say_failed(sys.exc_info()[1])


def main_failed() -> None:
    """Says once what has ended the program's main thread: the interpreter keeps it when it has printed it."""
    global _told
    error = _last_error()
    if error is not None and id(error) != _told:
        _told = id(error)
        _say_failed(error)


def _last_error() -> Optional[BaseException]:
    error = getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def _say_failed(error: Optional[BaseException]) -> None:
    session = _session
    if session is None or error is None or isinstance(error, SystemExit):
        return
    text = session.sink.string(errors.exception_text(error))
    stack = errors.raise_stack(session.sink, error)
    session.ring.emit(KIND_FAILED, 0, actors.current_thread(), text, stack, 0)


def _target(thread: object) -> Optional[str]:
    """Qualified name of what a thread will run, looked up without running code of the program."""
    kind = type(thread)
    for base in type.mro(kind) if type(kind) is type else ():
        run = base.__dict__.get("run")
        if run is not None:
            if base.__module__ != "threading":
                return f"{base.__qualname__}.run"
            break
    target = field(thread, "_target")
    if type(target) is MethodType:
        target = target.__func__
    if type(target) in (FunctionType, BuiltinFunctionType):
        return str(target.__qualname__)
    return None if target is None else type(target).__qualname__


class Joining(Around):
    """Around the blocking line of Thread.join()."""

    __slots__ = ("_thread", "_timeout")

    def __init__(self, thread: Any, timeout: Optional[float]) -> None:
        self._thread = thread
        self._timeout = timeout
        self.token = 0

    def __enter__(self) -> None:
        session = _session
        if session is None:
            return
        info = _alive(self._thread)
        # One that has ended is told of as well: what it did is over for whoever joins it.
        number = info.id if info is not None else _actors.get(id(self._thread), (0,))[0]
        if number:
            owners = [(OWNER_JOINED, number, 0)]
            stack = session.sink.stack(sys._getframe(1).f_back)
            self.token = waits.begin(
                WAIT_JOIN, 0, stack, milliseconds(self._timeout), owners=lambda _: owners
            )

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: object, traceback: Optional[TracebackType]
    ) -> None:
        if _session is not None:
            super().__exit__(kind, error, traceback)
            if _alive(self._thread) is None:
                actors.next_epoch()

    def result(self) -> int:
        return RESULT_DONE if _alive(self._thread) is None else RESULT_TIMEOUT


class ShuttingDown(Around):
    """Around the interpreter's wait for its threads at the end; up to 3.12 for each by its lock."""

    __slots__ = ("_lock",)

    def __init__(self, lock: object = None) -> None:
        self._lock = lock
        self.token = 0

    def __enter__(self) -> None:
        session = _session
        main_failed()
        if session is not None and self._awaited(0):
            self.token = waits.begin(
                WAIT_JOIN, 0, session.sink.stack(sys._getframe(1)), owners=self._awaited
            )

    def _awaited(self, _: int) -> List[Tuple[int, int, int]]:
        found = []
        threading = sys.modules.get("threading")
        for ident, thread in list(getattr(threading, "_active", {}).items()):
            info = actors.by_ident.get(ident)
            if info is None or info.main:
                continue
            if (
                field(thread, "_tstate_lock") is self._lock
                if self._lock is not None
                else not field(thread, "_daemonic")
            ):
                found.append((OWNER_JOINED, info.id, 0))
        return found


def milliseconds(timeout: Optional[float]) -> int:
    """A timeout as it is recorded: at least 1 when there is one, 0 when there is none."""
    if timeout is None or type(timeout) not in (int, float) or timeout < 0:
        return 0
    return max(1, min(int(min(timeout, 4e6) * 1000), 0xFFFF_FFFF))


def _alive(thread: object) -> "Optional[actors.ThreadInfo]":
    """What is known of a thread that runs, None when it has ended."""
    ident = field(thread, "_ident")
    threading = sys.modules.get("threading")
    if getattr(threading, "_active", {}).get(ident) is not thread:
        return None
    return actors.by_ident.get(ident)
