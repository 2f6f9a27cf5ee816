"""Waits that end in Condition.wait(): conditions, events, semaphores, barriers, queues, results, each as what it is."""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ref
from itertools import count
from types import CodeType, FrameType, TracebackType

from . import actors, creations, edits, internals, locks, objects, semaphores, waits
from .clock import monotonic_ns
from .fields import field
from .kinds import (
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_BARRIER,
    WAIT_CONDITION,
    WAIT_EVENT,
    WAIT_SEMAPHORE,
)
from .threads import milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple, Type

    from .recorded import Session

    # (op, object id, owners or None); op 0: not to be recorded.
    Meaning = Tuple[int, int, Optional[waits.Owners]]

    # Given the frame of the recognised function, says what a wait below it is. None: ask the caller's frame.
    Reader = Callable[[FrameType], Optional[Meaning]]


_session: "Optional[Session]" = None
_readers: Dict[Tuple[str, int], Reader] = {}
# id(waiter lock) -> actor that released it, 0 before
_wakers: Dict[int, int] = {}
# thread -> what Condition.wait gave up on the way in, innermost last
_given: Dict[int, List[Any]] = {}
# id(condition) -> (weak reference, stack of its creation), where locks do not tell
_born: "Dict[int, Tuple[Any, creations.Made]]" = {}
_HIDDEN: Meaning = (0, 0, None)


def install(session: "Session") -> None:
    """Hooks `threading` when the program has it."""
    global _session
    _session = session
    session.empties(_wakers, _given, _born, _light)
    session.patches.on_import("threading", _hook)


def uninstall() -> None:
    """Forgets what it knows."""
    global _session
    _session = None
    _readers.clear()
    _wakers.clear()
    _given.clear()
    _born.clear()
    _light.clear()


def recognise(function: Any, reader: Reader) -> None:
    """From now on a wait below this function is what `reader` says; a later reader of the same function wins."""
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        _readers[(code.co_filename, code.co_firstlineno)] = reader


def self_of(frame: FrameType) -> Any:
    """The first argument of a method's frame."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def _hook(threading: Any) -> None:
    global _wait_code
    session = _session
    if session is None:
        return
    condition, event, barrier = threading.Condition, threading.Event, threading.Barrier
    code = condition.wait.__code__
    _wait_code = (code.co_filename, code.co_firstlineno)
    hooks = {
        "waiting": Waiting,
        "waited": waited,
        "woken": woken,
        "given": _given,
        "wakers": _wakers,
        "condition": born,
    }
    waiting = [
        ("if timeout is None:", "with", "_interleave_waiting(self, waiter, timeout)"),
        (
            "self._acquire_restore(saved_state)",
            "after",
            "if _interleave_given: _interleave_waited(self)",
        ),
    ]
    # The core that hooks the lock type itself sees the waiter's lock block and asks `meaning_of`.
    done = session.native is not None or edits.edit(condition.wait, waiting, hooks)
    if session.native is None:
        edits.edit(
            condition.notify,
            [("waiter.release()", "before", "if _interleave_wakers: _interleave_woken(waiter)")],
            hooks,
        )
    if not done:
        session.say_blind(
            "The source of `threading` could not be read, so waits for conditions and events are not seen."
        )
    if not locks.creation_seen():
        edits.edit(condition.__init__, [("", "first", "_interleave_condition(self)")], hooks)
    recognise(condition.wait_for, lambda frame: None)
    recognise(event.wait, lambda frame: _simple(frame, WAIT_EVENT, "Event"))
    for method in (barrier.wait, barrier._wait, barrier._enter):
        recognise(method, lambda frame: _simple(frame, WAIT_BARRIER, "Barrier"))
    recognise(threading.Semaphore.acquire, _semaphore)
    recognise(threading.Thread.start, lambda frame: _HIDDEN)
    semaphores.hook(threading, session)


def meaning_of(frame: Optional[FrameType], condition: Any) -> Meaning:
    """What a Condition.wait() called from this frame waits for."""
    known: List[Tuple[Reader, FrameType]] = []
    while frame is not None:
        code = frame.f_code
        reader = _readers.get((code.co_filename, code.co_firstlineno))
        if reader is None:
            break
        known.append((reader, frame))
        frame = frame.f_back
    for reader, inner in reversed(known):
        found = reader(inner)
        if found is not None:
            return found
    if frame is not None and internals.role(frame) == internals.HIDDEN:
        return _HIDDEN
    return (WAIT_CONDITION, condition_id(condition), None)


def condition_id(condition: Any) -> int:
    """Object id of a threading.Condition."""
    return _object(condition, "Condition", condition)


def creation(condition: Any) -> "creations.Made":
    """Where a condition, or what it is a part of, was made."""
    known = _born.get(id(condition))
    if known is not None and known[0]() is condition:
        return known[1]
    return locks.creation(field(condition, "_lock"))


def _object(owner: Any, type_name: str, condition: Any, **fields: object) -> int:
    def make() -> int:
        session = _session
        if session is None:
            return 0
        made = creation(condition)
        return session.sink.object(
            type_name,
            "threading",
            made[0],
            address=f"{id(owner):#x}",
            **creations.which(made),
            **fields,
        )

    return objects.object_id(owner, make)


def _simple(frame: FrameType, op: int, type_name: str) -> Optional[Meaning]:
    owner = self_of(frame)
    if owner is None:
        return None
    condition = field(owner, "_cond")
    if condition is None:
        return None
    parties = field(owner, "_parties")
    return (
        op,
        _object(owner, type_name, condition, capacity=parties if type(parties) is int else None),
        None,
    )


def _semaphore(frame: FrameType) -> Optional[Meaning]:
    semaphore = self_of(frame)
    return (
        WAIT_SEMAPHORE,
        semaphores.semaphore_id(semaphore),
        lambda _: semaphores.owners(semaphore),
    )


def born(condition: Any) -> None:
    """A condition is being made."""
    session = _session
    frame = sys._getframe(1).f_back
    if session is not None and internals.creator(frame) != internals.HIDDEN:
        address = id(condition)
        weak = ref(condition, lambda _: _born.pop(address, None) if _born is not None else None)
        stack = session.sink.stack(frame)
        _born[address] = (weak, creations.made(stack, frame, "condition"))


def woken(waiter: Any) -> None:
    """notify() is about to release this waiter."""
    if id(waiter) in _wakers:
        _wakers[id(waiter)] = actors.current()


def waited(condition: Any) -> None:
    """Condition.wait() has its lock again."""
    ident = get_ident()
    stack = _given.get(ident)
    if stack and stack[-1][0] is field(condition, "_lock"):
        lock, before = stack.pop()
        if not stack:
            _given.pop(ident, None)
        locks.take_back(lock, before, sys._getframe(1))


class Waiting:
    """Around the blocking lines of Condition.wait().

    Writing a wait down takes some 30 µs. While there are many of them, only those that last are written, by the
    watcher: see `watch`.
    """

    __slots__ = ("_condition", "_done", "_timeout", "_token", "_waiter", "actor", "since")

    def __init__(self, condition: Any, waiter: Any, timeout: Optional[float]) -> None:
        self._condition = condition
        self._waiter = waiter
        self._timeout = timeout
        self._token = self.since = 0
        self._done = False

    def __enter__(self) -> None:
        if _session is None:
            return
        if locks.armed():
            lock = field(self._condition, "_lock")
            before = locks.give_up(lock) if type(lock) is locks.RLockType else None
            if before is not None:
                _given.setdefault(get_ident(), []).append((lock, before))
        if type(self._timeout) in (int, float) and self._timeout <= 0:  # type: ignore[operator]
            return
        self.actor = actors.current()
        if self.actor in waits.by_actor:  # the outer wait stands for both
            return
        if next(_count) > _limit:
            self.since = monotonic_ns()
            _light[get_ident()] = self
        else:
            self.begin(sys._getframe(1).f_back)

    def begin(self, caller: Optional[FrameType]) -> None:
        """Writes that the wait has begun; `caller` is the frame that called Condition.wait()."""
        session = _session
        if session is None:
            return
        op, object_id, owners = meaning_of(caller, self._condition)
        if op:
            _wakers[id(self._waiter)] = 0
            stack = session.sink.stack(caller)
            timeout = milliseconds(self._timeout)
            if not self._done:
                self._token = waits.begin(
                    op, object_id, stack, timeout, self.actor, owners, self.since
                )
                if self._done:  # it ended while the watcher was writing
                    waits.end(self._token, RESULT_DONE)

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: object, traceback: Optional[TracebackType]
    ) -> None:
        self._done = True
        if self.since:
            _light.pop(get_ident(), None)
        waker = _wakers.pop(id(self._waiter), 0)
        if self._token:
            late = self._timeout is not None and not waker
            waits.end(
                self._token,
                RESULT_ERROR if kind is not None else RESULT_TIMEOUT if late else RESULT_DONE,
                waker,
            )


# Waits written at once in the beginning, and how many more each look of the watcher brings.
FIRST = 200
REFILL = 8
NOTICED = 4_000_000
_count = count()
_limit = FIRST
# thread -> its wait that is not written down yet
_light: Dict[int, Waiting] = {}


def waits_so_far() -> int:
    """Calls of Condition.wait() seen by the Python core."""
    return int(repr(_count)[6:-1])


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Writes down the waits that have lasted. Called by the watcher."""
    global _limit
    _limit = max(_limit, min(_limit + REFILL, waits_so_far() + FIRST))
    for ident, waiting in list(_light.items()):
        if now - waiting.since < NOTICED:
            continue
        frame: Optional[FrameType] = frames().get(ident)
        while (
            frame is not None
            and (frame.f_code.co_filename, frame.f_code.co_firstlineno) != _wait_code
        ):
            frame = frame.f_back
        if frame is not None and _light.pop(ident, None) is waiting:
            waiting.begin(frame.f_back)
        del frame


_wait_code: Tuple[str, int] = ("", 0)
