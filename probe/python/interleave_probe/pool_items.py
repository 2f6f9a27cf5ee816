"""Work of concurrent.futures, item by item: what was submitted, which worker runs it, and who must act for it to end."""

from __future__ import annotations

import sys
from _weakref import ref
from itertools import repeat

from . import actors, budgets, pool_failures, pool_objects, pool_told, work_names
from .kinds import (
    KIND_ITEM_END,
    KIND_ITEM_START,
    KIND_SUBMIT,
    OWNER_LOOP,
    OWNER_PROCESS,
    OWNER_QUEUED,
    OWNER_RUNNING,
)
from .pool_objects import Pool, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

# Items told of in a tenth of a second, and at first; of more, only who must act for them to end is known.
TOLD = 150
LEAST_TOLD = 10
FIRST_TOLD = 500
MASK = 0xFFFF_FFFF

session: Any = None


class Item:
    """One piece of work."""

    __slots__ = ("address", "error", "function", "group", "number", "pool", "worker")

    def __init__(self, pool: Pool, number: int, function: Any, group: Optional[List[bool]]) -> None:
        self.pool = pool
        self.number = number
        self.worker = 0
        self.error = 0
        self.function = function
        self.group = group
        self.address = 0


# id(future) -> (weak reference, loop's object id): futures of run_coroutine_threadsafe
_bridges: Dict[int, Tuple[Any, int]] = {}
TABLES = (_bridges,)
_left = FIRST_TOLD
_MANY = 1 << 60
# What is called for each item that nobody tells of: gives None, and counts.
pass_over = repeat(None, _MANY)
_share = budgets.Share(LEAST_TOLD, TOLD)
# The names of concurrent.futures.thread, one of which says whether items are told of now.
thread_names: Optional[Dict[str, Any]] = None


def install(active: Any) -> None:
    """`active`: the session, None for no more. The parent's items are the parent's to tell of."""
    global session
    session = active
    _bridges.clear()


def passed() -> int:
    """Items of thread pools that nobody has told of, so far."""
    return _MANY - pass_over.__length_hint__()


def refill() -> None:
    """A new period."""
    global _left
    share = _share.next()
    _left = max(_left, share)
    if session.native is not None:
        session.native.allow_items(share)
    if thread_names is not None:
        thread_names["_interleave_on"] = True


# -- in threads ------------------------------------------------------------------------------------------------------


def submit(executor: Any, function: Any) -> Any:
    """Before the executor's lock is taken, so that nothing of ours runs while it is held.

    Gives the item, None when the period's items are all told: then `pool_told` finds out when somebody asks.
    """
    global _left
    if session is None or executor._shutdown or executor._broken:
        return None
    pool = pool_objects.pool_of(executor)
    if _left <= 0 and not session.full:
        if _left == 0:
            _left = -1
            used_up()
        return None
    _left -= 1
    group, stack = pool_failures.submitted_by(sys._getframe(2))
    item = Item(pool, pool.next(), function, group)
    session.ring.emit(KIND_SUBMIT, 0, actors.current(), pool.id, stack, item.number & MASK)
    return item


def used_up() -> None:
    """Until the next period nobody asks."""
    if session is not None:
        session.say_partly(
            "items", "Of work submitted thousands of times a second only a part is told of."
        )
    if thread_names is not None:
        thread_names["_interleave_on"] = False


def new_worker(pool: Pool, worker: int) -> None:
    pool.workers[worker] = True
    actors.set_pool(pool.id)


def put(item: Any, future: Any) -> None:
    if type(item) is Item:
        address = item.address = id(future)
        items[address] = item


def begin(work: Any) -> Optional[Item]:
    """A worker takes it. Gives the item, None when it is not told of."""
    item = items.get(id(work.future))
    if type(item) is not Item or session is None or item.pool.processes:
        return None
    if work.future._state == "CANCELLED":
        items.pop(item.address, None)
        return None
    pool = item.pool
    worker = item.worker = actors.current_thread()
    if worker not in pool.workers:
        new_worker(pool, worker)
    pool.running[worker] = item.number
    name = session.sink.string(work_names.function_name(item.function))
    session.ring.emit(KIND_ITEM_START, 0, worker, pool.id, name, item.number & MASK)
    item.function = None
    return item


def end(item: Item) -> None:
    """Its work has run."""
    items.pop(item.address, None)
    if item.worker and session is not None:
        item.pool.running.pop(item.worker, None)
        session.ring.emit(
            KIND_ITEM_END, 0, item.worker, item.pool.id, item.error, item.number & MASK
        )


def drop(work: Any) -> None:
    """It will never run."""
    items.pop(id(work.future), None)


# -- in processes, seen from the parent ------------------------------------------------------------------------------


def submit_to_process(executor: Any, future: Any) -> None:
    if session is None:
        return
    # Without calls where there need be none: each item of a process pool comes here, while a lock is held.
    pool = pool_objects.pools.get(id(executor))
    if pool is None or pool.executor() is not executor:
        pool = pool_objects.pool_of(executor)
    number = executor._queue_count
    frame = sys._getframe(2)
    address, code, group, stack = pool_failures.recent
    if address != id(frame) or code is not frame.f_code:
        group, stack = pool_failures.submitted_by(frame)
    address = id(future)
    items[address] = item = Item(pool, number, None, group)
    item.address = address
    session.ring.emit(KIND_SUBMIT, 0, actors.current(), pool.id, stack, number & MASK)


def done_by_process(work: Any, result: Any) -> None:
    item = items.get(id(work.future))
    if item is None or session is None:
        return
    error = getattr(result, "exception", None)
    if error is not None:
        pool_failures.failing_item(work, error)
    items.pop(item.address, None)


# -- who must act ----------------------------------------------------------------------------------------------------


def bridge(future: Any, loop: Any) -> None:
    if session is not None:
        address = id(future)
        from . import aio_loop

        _bridges[address] = (
            ref(future, lambda weak: _forget_bridge(address, weak)),
            aio_loop.loop_id(loop),
        )


def _forget_bridge(address: int, weak: Any) -> None:
    entry = _bridges.get(address)
    if entry is not None and entry[0] is weak:
        del _bridges[address]


def owners_of(future: Any) -> Sequence[Tuple[int, ...]]:
    """Who ends a future of concurrent.futures: the worker that runs it, the pool it stands in, a task, or a loop."""
    item = items.get(id(future))
    if item is not None:
        if item.worker:
            return [(OWNER_RUNNING, item.worker, 0)]
        executor = item.pool.executor()
        if item.pool.processes and future._state == "RUNNING" and executor is not None:
            return [(OWNER_PROCESS, pid, 0) for pid in list(executor._processes or ())[:32]]
        return [(OWNER_QUEUED, item.pool.id, 0)]
    entry = _bridges.get(id(future))
    if entry is not None and entry[0]() is future:
        from . import aio_describe

        source = aio_describe.chained_to(future)
        found = aio_describe.owners_of_future(source) if source is not None else []
        return found or [(OWNER_LOOP, entry[1], 0)]
    return pool_told.owners_of(
        future, [pool for pool in list(pool_objects.pools.values()) if not pool.processes]
    )
