"""Pools of concurrent.futures: what was submitted, which worker runs it, how long it stood in the queue, how it ended."""

from __future__ import annotations

import sys
from _weakref import ref
from functools import partial
from itertools import count
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from . import (
    actors,
    budgets,
    creations,
    edits,
    objects,
    pool_failures,
    pool_told,
    pool_waits,
    pool_workers,
    queues,
)
from .kinds import (
    KIND_ITEM_END,
    KIND_ITEM_START,
    KIND_POOL_SAMPLE,
    KIND_SUBMIT,
    OWNER_LOOP,
    OWNER_PROCESS,
    OWNER_QUEUED,
    OWNER_RUNNING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

SAMPLE_EVERY = 20_000_000
# Items told of in a tenth of a second, and at first; of more, only who must act for them to end is known.
PERIOD = 100_000_000
TOLD = 150
LEAST_TOLD = 10
FIRST_TOLD = 500
MASK = 0xFFFF_FFFF

session: Any = None


class Pool:
    """One executor."""

    __slots__ = ("executor", "id", "next", "processes", "running", "told", "workers")

    def __init__(self, executor: Any, id: int, processes: bool) -> None:
        self.executor = ref(executor)
        self.id = id
        self.next = count(1).__next__
        # worker's actor -> item it runs
        self.running: Dict[int, int] = {}
        self.workers: Dict[int, bool] = {}
        self.told = (0, 0, 0)
        self.processes = processes


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


_pools: Dict[int, Pool] = {}
# id(future) -> item, or its pool when it is not told of, until it is done
_items: Dict[int, Any] = {}
# id(future) -> (weak reference, loop's object id): futures of run_coroutine_threadsafe
_bridges: Dict[int, Tuple[Any, int]] = {}
_watched = False
_sampled_at = 0
_left = FIRST_TOLD
_opened_at = 0
_share = budgets.Share(LEAST_TOLD, TOLD)
# The names of concurrent.futures.thread, one of which says whether items are told of now.
_thread_names: Optional[Dict[str, Any]] = None


def install(active: Any) -> None:
    global session
    session = active
    pool_failures.install(active)
    patches = active.patches
    pool_waits.install(active)
    patches.on_import("concurrent.futures._base", pool_failures.patch)
    patches.on_import("concurrent.futures._base", pool_waits.patch_futures)
    patches.on_import("multiprocessing.pool", pool_waits.patch_results)
    patches.on_import("concurrent.futures.thread", _patch_threads)
    patches.on_import("concurrent.futures.process", _patch_processes)
    patches.on_import("asyncio", _patch_bridge)


def uninstall() -> None:
    global session, _thread_names, _watched
    _thread_names = None
    _watched = False
    pool_failures.finish()
    session = None
    pool_failures.install(None)
    pool_waits.install(None)
    _forget()


def after_fork_child(active: Any) -> None:
    """The parent's items are the parent's to tell of."""
    global session
    session = active
    pool_failures.install(active)
    pool_waits.install(active)
    _forget()


def _forget() -> None:
    _pools.clear()
    _items.clear()
    _bridges.clear()


def finish() -> None:
    """The program ends: failures that nobody asked for are lost."""
    pool_failures.finish()


def _patch_threads(module: ModuleType) -> None:
    global _thread_names
    if session is None:
        return
    thread: Any = module
    _thread_names = vars(module)
    pool_told.install(thread)
    executor = thread.ThreadPoolExecutor
    core = _watch_natively(thread)
    hooks = {
        "pool": _thread_pool_made,
        "submit": _submit if core is None else core.submit,
        "put": _put if core is None else core.put,
        "begin": _begin if core is None else core.begin_item,
        "end": _end if core is None else core.end_item,
        "failing": pool_failures.failing_item,
        "shutting": pool_waits.ShuttingDown,
        "on": True,
    }
    edits.edit(executor.shutdown, [("t.join()", "with", "_interleave_shutting(self, t)")], hooks)
    made = (
        "self._max_workers = max_workers",
        "after",
        "_interleave_pool(self, thread_name_prefix)",
    )
    edits.edit(executor.__init__, [made], hooks)
    # Items made before the probe looked have none.
    session.patches.replace(thread._WorkItem, "_interleave", None)
    done = edits.edit(
        executor.submit,
        [
            (
                "",
                "first",
                "_interleave_item = _interleave_submit(self, fn) if _interleave_on else None",
            ),
            (
                "w = _WorkItem(",
                "after",
                "if _interleave_item is not None: _interleave_put(_interleave_item, w, f)",
            ),
        ],
        hooks,
    )
    done &= edits.edit(
        thread._worker,
        [
            *_own_queue(thread, hooks),
            (
                "work_item.run(",
                "before",
                "work_item._interleave is None or _interleave_begin(work_item)",
            ),
            (
                "work_item.run(",
                "after",
                "work_item._interleave is None or _interleave_end(work_item)",
            ),
        ],
        hooks,
    )
    done &= edits.edit(
        thread._WorkItem.run,
        [("self.future.set_exception(exc)", "before", "_interleave_failing(self, exc)")],
        hooks,
    )
    if not done:
        session.say_blind(
            "The source of concurrent.futures is not there: work of thread pools is not seen."
        )


def _own_queue(thread: Any, hooks: Dict[str, Any]) -> List[edits.Rule]:
    """A pool's own queue is nothing to tell of, so its workers need not call the hook that `get` may have."""
    original = queues.original_get()
    if original is None:
        return []
    get = partial(original)
    get.stays = True  # type: ignore[attr-defined]  # a worker may be about to call it at the end
    # Not what `queue` has now under that name: greenlets may stand in the place of threads.
    hooks.update(simple=original.__objclass__, get=get)
    call = "work_item = work_queue.get(block=True)"
    direct = "work_item = _interleave_get(work_queue, block=True)\n"
    return [
        (
            call,
            "replace",
            f"if type(work_queue) is _interleave_simple:\n {direct}else:\n {call}",
        )
    ]


def _watch_natively(module: Any) -> Any:
    """The native core tells of items itself; None where it does not run."""
    global _watched
    core: Any = session.native
    if core is None or _watched:
        return core
    _watched = True
    core.watch_items(
        {
            "items": _items,
            "groups": pool_failures._groups,
            "pool_of": _pool_of,
            "used_up": _used_up,
            "name_of": function_name,
            "new_worker": _new_worker,
            "failing": pool_failures.failing_item,
            "map": module._base.Executor.map.__code__,
        }
    )
    session.patches.undo(lambda: core.watch_items(None))
    core.allow_items(FIRST_TOLD)
    return core


def _patch_processes(module: ModuleType) -> None:
    if session is None:
        return
    process: Any = module
    executor = process.ProcessPoolExecutor
    core = _watch_natively(process)
    hooks = {
        "pool": _process_pool_made,
        "submit": _submit_to_process if core is None else core.submit_to_process,
        "done": _done_by_process if core is None else core.done_by_process,
        "shutting": pool_waits.ShuttingDown,
    }
    ending = "self._executor_manager_thread"
    edits.edit(
        executor.shutdown,
        [(f"{ending}.join()", "with", f"_interleave_shutting(self, {ending})")],
        hooks,
    )
    edits.edit(
        executor.__init__, [("self._result_queue = ", "after", "_interleave_pool(self)")], hooks
    )
    done = edits.edit(
        executor.submit, [("w = _WorkItem(", "after", "_interleave_submit(self, w, f)")], hooks
    )
    manager = getattr(process, "_ExecutorManagerThread", None)
    done &= manager is not None and edits.edit(
        manager.process_result_item,
        [
            (
                "work_item = self.pending_work_items.pop(",
                "after",
                "_interleave_done(work_item, result_item)",
            )
        ],
        hooks,
    )
    done &= pool_workers.patch(session, process)
    if not done:
        session.say_blind(
            "The source of concurrent.futures is not there: work of process pools is not seen."
        )


def _patch_bridge(asyncio: ModuleType) -> None:
    tasks = sys.modules.get("asyncio.tasks")
    if session is not None and tasks is not None:
        edits.edit(
            tasks.run_coroutine_threadsafe,
            [("future = concurrent.futures.Future()", "after", "_interleave_bridge(future, loop)")],
            {"bridge": _bridge},
        )


# -- pools -----------------------------------------------------------------------------------------------------------


def _thread_pool_made(executor: Any, name: Any) -> None:
    if session is not None:
        _new_pool(executor, "ThreadPoolExecutor", name, creations.stack(sys._getframe(2)), None)


def _process_pool_made(executor: Any) -> None:
    if session is not None:
        shared = pool_workers.shared_name(session.pid, executor._call_queue)
        _new_pool(
            executor,
            "ProcessPoolExecutor",
            None,
            creations.stack(sys._getframe(2)),
            shared,
        )


def _new_pool(executor: Any, kind: str, name: Any, stack: int, shared: Optional[str]) -> Pool:
    number = objects.object_id(
        executor,
        lambda: int(
            session.sink.object(
                kind,
                "concurrent.futures",
                stack,
                capacity=executor._max_workers if type(executor._max_workers) is int else None,
                name=name if type(name) is str and name else None,
                shared=shared,
            )
        ),
    )
    pool = _pools[id(executor)] = Pool(executor, number, kind == "ProcessPoolExecutor")
    return pool


def _pool_of(executor: Any) -> Pool:
    pool = _pools.get(id(executor))
    if pool is not None and pool.executor() is executor:
        return pool
    if hasattr(executor, "_call_queue"):  # made before the probe looked, or before a fork
        shared = pool_workers.shared_name(session.pid, executor._call_queue)
        return _new_pool(executor, "ProcessPoolExecutor", None, 0, shared)
    return _new_pool(
        executor, "ThreadPoolExecutor", getattr(executor, "_thread_name_prefix", None), 0, None
    )


# -- work in threads -------------------------------------------------------------------------------------------------


def _submit(executor: Any, function: Any) -> Any:
    """Before the executor's lock is taken, so that nothing of ours runs while it is held.

    Gives the item, None when the period's items are all told: then `pool_told` finds out when somebody asks.
    """
    global _left
    if session is None or executor._shutdown or executor._broken:
        return None
    pool = _pool_of(executor)
    if _left <= 0 and not session.full:
        if _left == 0:
            _left = -1
            _used_up()
        return None
    _left -= 1
    item = Item(pool, pool.next(), function, pool_failures.group_of(sys._getframe(2)))
    stack = creations.stack(sys._getframe(2))
    session.ring.emit(KIND_SUBMIT, 0, actors.current(), pool.id, stack, item.number & MASK)
    return item


def _used_up() -> None:
    """Until the next period nobody asks."""
    if session is not None:
        session.say_blind("Of work submitted thousands of times a second only a part is told of.")
    if _thread_names is not None:
        _thread_names["_interleave_on"] = False


def _new_worker(pool: Pool, worker: int) -> None:
    pool.workers[worker] = True
    actors.set_pool(pool.id)


def _put(item: Any, work: Any, future: Any) -> None:
    if type(item) is Item:
        address = item.address = id(future)
        work._interleave = _items[address] = item


def _begin(work: Any) -> None:
    item = work._interleave
    if type(item) is not Item or session is None:
        return
    if work.future._state == "CANCELLED":
        _items.pop(item.address, None)
        return
    pool = item.pool
    worker = item.worker = actors.current_thread()
    if worker not in pool.workers:
        _new_worker(pool, worker)
    pool.running[worker] = item.number
    name = session.sink.string(function_name(item.function))
    session.ring.emit(KIND_ITEM_START, 0, worker, pool.id, name, item.number & MASK)
    item.function = None


def _end(work: Any) -> None:
    item = work._interleave
    if item is None:
        return
    _items.pop(id(work.future), None)
    if type(item) is Item and item.worker and session is not None:
        item.pool.running.pop(item.worker, None)
        session.ring.emit(
            KIND_ITEM_END, 0, item.worker, item.pool.id, item.error, item.number & MASK
        )


def function_name(function: Any) -> str:
    """What runs: the qualified name of a function, seen through partial and contexts."""
    for _ in range(4):
        kind = type(function)
        if kind is FunctionType:
            return str(function.__qualname__)
        if kind is MethodType:
            function = function.__func__
        elif kind.__name__ == "partial" and kind.__module__ == "functools":
            inner = function.func
            # asyncio.to_thread runs `context.run(function)`
            if type(inner) is BuiltinFunctionType and inner.__name__ == "run" and function.args:
                inner = function.args[0]
            function = inner
        elif kind is BuiltinFunctionType or isinstance(function, type):
            return str(function.__qualname__)
        else:
            return str(kind.__qualname__)
    return type(function).__qualname__


# -- work in processes, seen from the parent -------------------------------------------------------------------------


def _submit_to_process(executor: Any, work: Any, future: Any) -> None:
    if session is None:
        return
    pool = _pool_of(executor)
    number = executor._queue_count
    item = Item(pool, number, None, pool_failures.group_of(sys._getframe(2)))
    item.address = id(future)
    work._interleave = _items[item.address] = item
    stack = creations.stack(sys._getframe(2))
    session.ring.emit(KIND_SUBMIT, 0, actors.current(), pool.id, stack, number & MASK)


def _done_by_process(work: Any, result: Any) -> None:
    item = getattr(work, "_interleave", None)
    if item is None or session is None:
        return
    _items.pop(item.address, None)
    error = getattr(result, "exception", None)
    if error is not None:
        pool_failures.failing_item(work, error)


# -- who must act ----------------------------------------------------------------------------------------------------


def _bridge(future: Any, loop: Any) -> None:
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


def owners_of(future: Any) -> List[Tuple[int, int, int]]:
    """Who ends a future of concurrent.futures: the worker that runs it, the pool it stands in, a task, or a loop."""
    item = _items.get(id(future))
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
        future, [pool for pool in list(_pools.values()) if not pool.processes]
    )


# -- samples ---------------------------------------------------------------------------------------------------------


@edits.quiet
def watch(now: int, frames: Any = None) -> None:
    """How many items wait and how many workers are busy, when that has changed, 50 times a second at most."""
    global _sampled_at, _left, _opened_at
    if session is None:
        return
    pool_waits.watch(now, frames)
    if now - _sampled_at < SAMPLE_EVERY:
        return
    if now - _opened_at >= PERIOD:
        _opened_at = now
        pool_waits.refill()
        share = _share.next()
        _left = max(_left, share)
        if session.native is not None:
            session.native.allow_items(share)
        if _thread_names is not None:
            _thread_names["_interleave_on"] = True
    _sampled_at = now
    for address, pool in list(_pools.items()):
        executor = pool.executor()
        if executor is None:
            _pools.pop(address, None)
            continue
        if pool.processes:
            pending = getattr(executor, "_pending_work_items", None) or ()
            workers = len(executor._processes or ())
            busy = min(len(pending), workers)
            sample = (len(pending) - busy, busy, workers)
        else:
            sample = pool_told.sample(executor, pool, frames)
        if sample != pool.told:
            pool.told = sample
            session.ring.emit(
                KIND_POOL_SAMPLE, min(sample[2], 0xFFFF), 0, pool.id, sample[0], sample[1]
            )
