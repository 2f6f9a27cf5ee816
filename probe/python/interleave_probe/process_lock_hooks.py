"""The methods of multiprocessing's locks where no native core runs: what they do besides their work."""

from __future__ import annotations

import sys
from _thread import get_ident

from . import actors, creations, process_locks, process_notes, waits
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
)
from .process_locks import inner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    from .process_locks import Known

# Releases told of; a wait takes as long as so many of them, with their acquires. Those of parts cost as much as their notes.
operations = 0
OF_A_WAIT = 4


def reset() -> None:
    """A new process has done nothing yet."""
    global operations
    operations = 0


def replacements(originals: Dict[str, Any]) -> Dict[str, Any]:
    """The methods by their names, around the ones that do the work."""
    take, give = originals["acquire"], originals["release"]

    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Acquire the semaphore/lock."""
        if self.handle in inner and take(self, False):
            return True
        return acquire_told(self, args, kwargs)

    def acquire_told(self: Any, args: Any, kwargs: Any) -> Any:
        if process_locks.session is None:
            return take(self, *args, **kwargs)
        one = process_locks.known_at.get(self.handle)
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
        if one.part and not process_locks.session.full:
            return _wait_untold(take, self, one, args, kwargs, timeout)
        return _wait(take, self, one, args, kwargs, timeout, flags)

    def release(self: Any) -> None:
        """Release the semaphore/lock."""
        give(self)
        if self.handle not in inner:
            released(self)

    def released(self: Any) -> None:
        global operations
        operations += 1
        one = process_locks.known_at.get(self.handle)
        if one is not None and process_locks.session is not None:
            process_locks.session.ring.emit(
                KIND_RELEASE, 0, actors.current(), process_locks.object_of(one), 0, 0
            )

    def enter(self: Any) -> Any:
        """Enter the semaphore/lock."""
        one = inner.get(self.handle)
        if one is None or process_locks.session is None or process_locks.session.full:
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
        if self.handle not in inner:
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
    stack = creations.stack(process_locks.program_frame(sys._getframe(depth + 1)))
    process_locks.session.ring.emit(
        KIND_ACQUIRE, flags, actors.current(), process_locks.object_of(one), stack, 0
    )


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


def _wait(
    take: Any, semlock: Any, one: Known, args: Any, kwargs: Any, timeout: Any, flags: int
) -> Any:
    global operations
    operations += OF_A_WAIT
    frame = sys._getframe(3)
    op, number = process_locks.meaning(one, frame)
    token = waits.begin(
        op,
        number,
        process_locks.session.sink.stack(process_locks.program_frame(frame)),
        milliseconds(timeout),
    )
    result = RESULT_ERROR
    try:
        got = take(semlock, *args, **kwargs)
        result = RESULT_DONE if got else RESULT_TIMEOUT
    finally:
        waits.end(token, result)
    if got and not one.part and process_locks.session is not None:
        _took(semlock, one, flags | ACQUIRE_WAITED, 3)
    return got
