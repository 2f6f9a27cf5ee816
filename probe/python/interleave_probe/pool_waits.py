"""Waits for results of work: of one future, of several, of a multiprocessing pool."""

from __future__ import annotations

import sys
from _thread import get_ident
from types import FrameType, ModuleType, TracebackType

from . import actors, creations, edits, objects, waits
from .around import Around, milliseconds
from .clock import monotonic_ns
from .kinds import (
    KIND_WAIT_BEGIN,
    KIND_WAIT_END,
    OWNER_JOINED,
    OWNER_PROCESS,
    RESULT_DONE,
    RESULT_ERROR,
    RESULT_TIMEOUT,
    WAIT_POOL_SHUTDOWN,
    WAIT_RESULT,
    WAIT_TIMEOUT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Type

    Owner = Tuple[int, ...]
    About = Tuple[int, Callable[[int], Sequence[Owner]]]

MOST_OWNERS = 32
# Waits told at once in the beginning, and how many more each tenth of a second brings. Of the others those are told that
# last, when they have; in full detail the short ones too, but not for which of all the futures.
FIRST = 100
REFILL = 10
NOTICED = 4_000_000
# In the place of a token: its actor waits, though nothing has been told of it yet.
UNTOLD = -1

session: Any = None
_left = FIRST
_results = 0
# thread -> its wait that is not told yet
_light: Dict[int, Waiting] = {}
TABLES = (_light,)


def install(active: Any) -> None:
    global session
    session = active
    _light.clear()
    if active is not None:
        if active.native is not None:
            from . import native

            native.answer(result=_begun)
        refill_for(active)


def refill_for(active: Any) -> None:
    """A process begins."""
    global _left
    _left = FIRST
    if active.native is not None:
        active.native.allow_results(FIRST)


def results() -> int:
    """Waits for results so far, where the core is Python."""
    return _results


def refill() -> None:
    """A new period."""
    global _left
    _left = max(_left, REFILL)
    if session.native is not None:
        session.native.allow_results(REFILL)


def watch(now: int, frames: Callable[[], Dict[int, FrameType]]) -> None:
    """Tells of the waits that have lasted. Called by the watcher."""
    if session.native is not None:
        for one in session.native.lasting_results(now - NOTICED):
            _lasts(one)
        return
    for ident, waiting in list(_light.items()):
        if now - waiting.since < NOTICED:
            continue
        frame: Optional[FrameType] = frames().get(ident)
        while frame is not None and id(frame) != waiting.place:
            frame = frame.f_back
        if frame is not None and _light.pop(ident, None) is waiting:
            waiting.tell(frame)
        del frame


# -- where the core is native: it keeps what nobody has been told of -------------------------------------------------------


def _begun(kind: int, what: Any, timeout: int) -> int:
    """One of the first waits of a period: its token."""
    number, owners = _ABOUT[kind](what)
    stack = session.sink.stack(sys._getframe(1))
    return waits.begin(WAIT_RESULT, number, stack, timeout, None, owners)


def _lasts(one: Any) -> None:
    """Of the core's: it has lasted."""
    what = one.what
    stack = one.take() if what is not None else None
    if stack is None:
        return
    number, owners = _ABOUT[one.kind](what)
    token = waits.begin(WAIT_RESULT, number, stack, one.timeout, one.actor, owners, one.since)
    if not one.tell(token):  # over meanwhile, in its own thread
        waits.end(token, RESULT_DONE)


# -- what is waited for, and who must act -----------------------------------------------------------------------------


def _of_future(what: Any) -> "About":
    from . import pool_items

    return (future_id(what), lambda _: pool_items.owners_of(what))


def _of_some(what: Any) -> "About":
    from . import pool_items

    futures = list(what)

    def owners(_: int) -> List[Owner]:
        found: List[Owner] = []
        for future in futures:
            if future._state in ("PENDING", "RUNNING"):
                found.extend(pool_items.owners_of(future))
            if len(found) >= MOST_OWNERS:
                break
        return list(dict.fromkeys(found))

    return (0, owners)


def _of_pool(what: Any) -> "About":
    from . import process_pools

    number = objects.object_id(
        what, lambda: int(session.sink.object("Future", "multiprocessing", 0))
    )
    return (number, lambda _: process_pools.owners_of_result(what))


# As the native core numbers them.
_ABOUT = (_of_future, _of_some, _of_pool)


def patch_futures(module: ModuleType) -> None:
    """`Future.result`, `Future.exception`, `wait` and `as_completed` of concurrent.futures."""
    if session is None:
        return
    base: Any = module
    core = session.native
    hooks = {
        "awaiting": Waiting if core is None else core.awaiting,
        "awaiting_any": WaitingForSome if core is None else core.awaiting_some,
    }
    one = ("self._condition.wait(timeout)", "with", "_interleave_awaiting(self, timeout)")
    edits.edit(base.Future.result, [one], hooks)
    edits.edit(base.Future.exception, [one], hooks)
    edits.edit_any(
        base.wait,
        [
            [("waiter.event.wait(timeout)", "with", f"_interleave_awaiting_any({name}, timeout)")]
            for name in ("not_done", "fs")
        ],
        hooks,
    )
    edits.edit(
        base.as_completed,
        [
            (
                "waiter.event.wait(wait_timeout)",
                "with",
                "_interleave_awaiting_any(pending, wait_timeout)",
            )
        ],
        hooks,
    )


def patch_results(module: ModuleType) -> None:
    """Results of multiprocessing's pools."""
    if session is None:
        return
    pool: Any = module
    core = session.native
    hooks = {"awaiting": WaitingForPool if core is None else core.awaiting_pool}
    edits.edit(
        pool.ApplyResult.wait,
        [("self._event.wait(timeout)", "with", "_interleave_awaiting(self, timeout)")],
        hooks,
    )
    edits.edit(
        pool.IMapIterator.next,
        [("self._cond.wait(timeout)", "with", "_interleave_awaiting(self, timeout)")],
        hooks,
    )


class Waiting(Around):
    """Around the line that waits for a future."""

    __slots__ = ("_actor", "_done", "_timeout", "_what", "place", "since")

    about = staticmethod(_of_future)

    def __init__(self, future: Any, timeout: Any) -> None:
        global _left, _results
        self._what = future
        self.token = self._actor = 0
        self._done = False
        if session is None:
            return
        _results += 1
        self._timeout = 0 if timeout is None else milliseconds(timeout)
        if _left > 0:
            _left -= 1
            self.since = 0
            self.tell(sys._getframe(1))
            return
        actor = actors.current()
        if actor not in waits.by_actor:
            self._actor = actor
            self.since = monotonic_ns()
            self.place = id(sys._getframe(1))
            waits.by_actor[actor] = UNTOLD
            _light[get_ident()] = self

    def tell(self, frame: FrameType) -> None:
        """Says that it waits, in the line that this frame is at."""
        actor = self._actor or None
        what, owners = self.about(self._what)
        stack = session.sink.stack(frame)
        if self._done:  # over meanwhile, in its own thread
            return
        if actor is not None and waits.by_actor.get(actor) == UNTOLD:
            del waits.by_actor[actor]
        self.token = waits.begin(WAIT_RESULT, what, stack, self._timeout, actor, owners, self.since)
        if self._done:
            waits.end(self.token, RESULT_DONE)

    def _say_short(self, result: int) -> None:
        emit_at, op, actor = session.ring.emit_at, WAIT_RESULT, self._actor
        if self._timeout:
            op |= WAIT_TIMEOUT
        stack = creations.stack(sys._getframe(2))
        emit_at(KIND_WAIT_BEGIN, op, actor, self.since, 0, stack, self._timeout)
        emit_at(KIND_WAIT_END, result, actor, monotonic_ns(), 0, stack, 0)

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: object,
        traceback: Optional[TracebackType],
    ) -> None:
        self._done = True
        actor = self._actor
        if actor:
            _light.pop(get_ident(), None)
            if waits.by_actor.get(actor) == UNTOLD:
                del waits.by_actor[actor]
            if session is not None and session.full and not self.token:
                self._say_short(RESULT_ERROR if kind is not None else self.result())
        if self.token:
            waits.end(self.token, RESULT_ERROR if kind is not None else self.result())
        self._what = None

    def result(self) -> int:
        state = getattr(self._what, "_state", None)
        return RESULT_TIMEOUT if state in ("PENDING", "RUNNING") else RESULT_DONE


class WaitingForSome(Waiting):
    """Around the line that waits for one or all of several futures."""

    __slots__ = ()

    about = staticmethod(_of_some)

    def result(self) -> int:
        return RESULT_DONE


class WaitingForPool(Waiting):
    """Around the line that waits for a result of a multiprocessing pool."""

    __slots__ = ()

    about = staticmethod(_of_pool)

    def result(self) -> int:
        return RESULT_DONE


class ShuttingDown(Around):
    """Around a line that waits for one of a pool's workers or helpers to end."""

    __slots__ = ()

    def __init__(self, pool: Any, worker: Any) -> None:
        self.token = 0
        number = objects.known_id(pool)
        if session is None or not number:  # of a pool nobody has seen the join itself is told
            return
        owners = _ender(worker)
        if owners:
            stack = session.sink.stack(sys._getframe(1))
            self.token = waits.begin(WAIT_POOL_SHUTDOWN, number, stack, owners=lambda _: owners)


def _ender(worker: Any) -> List[Owner]:
    """The thread or process whose end is waited for, nobody when it is over or not known."""
    ident = getattr(worker, "_ident", None)
    threads = getattr(sys.modules.get("threading"), "_active", {})
    if ident is not None and threads.get(ident) is worker:
        info = actors.by_ident.get(ident)
        return [(OWNER_JOINED, info.id, 0)] if info is not None else []
    popen = getattr(worker, "_popen", None)
    pid = getattr(popen, "pid", None)
    return (
        [(OWNER_PROCESS, pid, 0)]
        if type(pid) is int and getattr(popen, "returncode", 0) is None
        else []
    )


def future_id(future: Any) -> int:
    """Object id of a future of concurrent.futures."""
    return objects.object_id(
        future, lambda: int(session.sink.object("Future", "concurrent.futures", 0))
    )
