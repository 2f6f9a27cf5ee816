"""multiprocessing.Pool and ThreadPool: work submitted, which worker runs it, and failures nobody asked for."""

from __future__ import annotations

import sys
from _weakref import ref
from types import ModuleType

from . import (
    actors,
    creations,
    edits,
    errors,
    objects,
    pool_failures,
    pool_waits,
    pool_workers,
    work_names,
)
from .kinds import (
    KIND_ITEM_END,
    KIND_ITEM_START,
    KIND_POOL_SAMPLE,
    KIND_SUBMIT,
    OWNER_QUEUED,
    OWNER_RUNNING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

MASK = 0xFFFF_FFFF
MOST_CHUNKS = 10_000
SAMPLE_EVERY = 20_000_000

session: Any = None


class Pool:
    """One Pool or ThreadPool."""

    __slots__ = ("id", "pool", "running", "threads", "told")

    def __init__(self, pool: Any, id: int, threads: bool) -> None:
        self.pool = ref(pool)
        self.id = id
        self.threads = threads
        self.running: Dict[int, int] = {}
        self.told = (0, 0, 0)


class Work:
    """What `pool_failures` tells of."""

    __slots__ = ("group", "number", "pool")

    def __init__(self, pool: Pool, number: int) -> None:
        self.pool = pool
        self.number = number
        self.group: Optional[List[bool]] = None


_pools: Dict[int, Pool] = {}
# id(inqueue of a ThreadPool) -> pool: its workers are threads of this process.
_by_queue: Dict[int, Pool] = {}
# job -> pool, while its result is awaited
_jobs: Dict[int, Pool] = {}
# thread's actor -> (pool's object id, item) of the item it runs, and its error
_items: Dict[int, List[int]] = {}
# job -> [pool's object id, who asked, stack, items told] of an imap whose iterable is still read
_iterations: Dict[int, List[int]] = {}
_TABLES: Tuple[Dict[Any, Any], ...] = (_pools, _by_queue, _jobs, _items, _iterations)
_sampled_at = 0


def install(active: Any) -> None:
    global session
    session = active
    active.empties(*_TABLES)
    active.patches.on_import("multiprocessing.pool", _patch)


def uninstall() -> None:
    global session
    session = None
    for table in _TABLES:
        table.clear()


def _patch(module: ModuleType) -> None:
    if session is None:
        return
    pool: Any = module.Pool
    result: Any = module.ApplyResult
    hooks = {
        "pool": _pool_made,
        "applied": _applied,
        "mapped": _mapped,
        "iterated": _iterated,
        "chunk": _chunk,
        "read": _read,
        "shutting": pool_waits.ShuttingDown,
        "begin": _begin,
        "failed": _failed,
        "end": _end,
        "over": _over,
        "asked": pool_failures.asked,
    }
    edits.edit(
        pool.__init__, [("self._processes = processes", "after", "_interleave_pool(self)")], hooks
    )
    edits.edit(
        pool.apply_async,
        [("result = ApplyResult(", "after", "_interleave_applied(self, result)")],
        hooks,
    )
    edits.edit(
        pool._map_async,
        [("result = MapResult(", "after", "_interleave_mapped(self, result)")],
        hooks,
    )
    edits.edit(
        pool.imap,
        [("result = IMapIterator(", "after", "_interleave_iterated(self, result)")],
        hooks,
    )
    edits.edit(
        pool.imap_unordered,
        [("result = IMapUnorderedIterator(", "after", "_interleave_iterated(self, result)")],
        hooks,
    )
    edits.edit(
        pool._guarded_task_generation,
        [
            ("yield (result_job, i, func, (x,), {})", "before", "_interleave_chunk(result_job, i)"),
            ("for i, x in enumerate(iterable):", "after", "_interleave_read(result_job)"),
        ],
        hooks,
    )
    edits.edit(
        pool.join,
        [
            (f"self.{name}.join()", "with", f"_interleave_shutting(self, self.{name})")
            for name in ("_worker_handler", "_task_handler", "_result_handler")
        ]
        + [("p.join()", "with", "_interleave_shutting(self, p)")],
        hooks,
    )
    edits.edit(
        module.worker,
        [
            (
                "job, i, func, args, kwds = task",
                "after",
                "_interleave_begin(inqueue, job, i, func, args)",
            ),
            ("result = (False, e)", "before", "_interleave_failed(e)"),
            ("task = job = result = func = args = kwds = None", "before", "_interleave_end()"),
        ],
        hooks,
    )
    edits.edit(result._set, [("self._event.set()", "before", "_interleave_over(self)")], hooks)
    edits.edit(
        module.MapResult._set, [("self._event.set()", "before", "_interleave_over(self)")], hooks
    )
    edits.edit(result.get, [("raise self._value", "before", "_interleave_asked(self)")], hooks)
    edits.edit(
        result.successful, [("return self._success", "before", "_interleave_asked(self)")], hooks
    )


def _pool_made(pool: Any) -> None:
    if session is None:
        return
    threads = type(pool).__name__ == "ThreadPool" or isinstance(
        pool, getattr(sys.modules["multiprocessing.pool"], "ThreadPool", ())
    )
    stack = creations.stack(sys._getframe(2))
    shared = None if threads else pool_workers.shared_name(session.pid, pool._inqueue)
    number = objects.object_id(
        pool,
        lambda: int(
            session.sink.object(
                "ThreadPool" if threads else "Pool",
                "multiprocessing",
                stack,
                capacity=pool._processes,
                shared=shared,
            )
        ),
    )
    made = _pools[id(pool)] = Pool(pool, number, threads)
    if threads:
        _by_queue[id(pool._inqueue)] = made


def item_number(job: int, index: int) -> int:
    """One number for a chunk of a job, the same in every process."""
    return (job * 1_000_003 + index + 1) & MASK


def _submitted(pool: Any, result: Any, chunks: int) -> None:
    known = _pools.get(id(pool))
    if session is None or known is None:
        return
    job = result._job
    if len(_jobs) < 100_000:
        _jobs[job] = known
    stack = creations.stack(sys._getframe(3))
    actor = actors.current()
    for index in range(min(chunks, MOST_CHUNKS)):
        session.ring.emit(KIND_SUBMIT, 0, actor, known.id, stack, item_number(job, index))


def _applied(pool: Any, result: Any) -> None:
    _submitted(pool, result, 1)


def _mapped(pool: Any, result: Any) -> None:
    _submitted(pool, result, int(getattr(result, "_number_left", 0)))


def _iterated(pool: Any, result: Any) -> None:
    """How many there will be is not known before the pool's own thread has read the iterable: see `_chunk`."""
    known = _pools.get(id(pool))
    if session is None or known is None:
        return
    if len(_jobs) < 100_000:
        _jobs[result._job] = known
    if len(_iterations) < MOST_CHUNKS:
        _iterations[result._job] = [
            known.id,
            actors.current(),
            creations.stack(sys._getframe(2)),
            0,
        ]


def _chunk(job: Any, index: Any) -> None:
    """An item of imap has been read and goes to the workers."""
    about = _iterations.get(job)
    if session is None or about is None or about[3] >= MOST_CHUNKS:
        return
    about[3] += 1
    session.ring.emit(KIND_SUBMIT, 0, about[1], about[0], about[2], item_number(job, index))


def _read(job: Any) -> None:
    _iterations.pop(job, None)


# -- in the worker: a process, or a thread of this one ---------------------------------------------------------------


def _begin(queue: Any, job: Any, index: Any, function: Any, args: Any) -> None:
    active = pool_workers.active()
    if active is None or type(job) is not int or type(index) is not int:
        return
    worker = actors.current_thread()
    local = _by_queue.get(id(queue))
    number = item_number(job, index)
    if local is not None:
        pool = local.id
        local.running[worker] = number
    else:
        pool = pool_workers.worker_pool(queue, "Pool", "multiprocessing")
    before = _items.get(worker)
    if before is None or before[0] != pool:
        actors.set_pool(pool)
    _items[worker] = [pool, number, 0, id(queue)]
    active.ring.emit(
        KIND_ITEM_START, 0, worker, pool, active.sink.string(_name(function, args)), number
    )


def _name(function: Any, args: Any) -> str:
    """`map` sends a helper of its own with (function, chunk)."""
    name = getattr(function, "__name__", "")
    if name in ("mapstar", "starmapstar") and args and type(args[0]) is tuple and args[0]:
        function = args[0][0]
    return work_names.function_name(function)


def _failed(error: BaseException) -> None:
    active = pool_workers.active()
    item = _items.get(actors.current_thread()) if active is not None else None
    if item is not None:
        cause = getattr(error, "exc", error)
        item[2] = active.sink.string(
            errors.exception_text(cause if isinstance(cause, BaseException) else error)
        )


def _end() -> None:
    active = pool_workers.active()
    if active is None:
        return
    worker = actors.current_thread()
    item = _items.get(worker)
    if item is not None:
        local = _by_queue.get(item[3])
        if local is not None:
            local.running.pop(worker, None)
        active.ring.emit(KIND_ITEM_END, 0, worker, item[0], item[2], item[1])


# -- in the parent ---------------------------------------------------------------------------------------------------


def _over(result: Any) -> None:
    """A result is there: a failure waits for somebody to ask."""
    known = _jobs.pop(result._job, None)
    if (
        session is None
        or known is None
        or result._success
        or getattr(result, "_error_callback", None)
    ):
        return
    error = result._value
    if isinstance(error, BaseException):
        text = session.sink.string(errors.exception_text(error))
        pool_failures.watch_for(result, Work(known, item_number(result._job, 0)), text)


def owners_of_result(result: Any) -> List[Tuple[int, int, int]]:
    """Who must act for an AsyncResult: the worker that runs it, else the pool."""
    known = _jobs.get(getattr(result, "_job", -1))
    if known is None:
        return []
    number = item_number(result._job, 0)
    for worker, running in list(known.running.items()):
        if running == number:
            return [(OWNER_RUNNING, worker, 0)]
    return [(OWNER_QUEUED, known.id, 0)]


def watch(now: int, frames: Any) -> None:
    """Items that wait and workers that are busy, when that has changed."""
    global _sampled_at
    if session is None or now - _sampled_at < SAMPLE_EVERY:
        return
    _sampled_at = now
    for address, known in list(_pools.items()):
        pool = known.pool()
        if pool is None:
            del _pools[address]
            continue
        waiting = pool._taskqueue.qsize()
        if known.threads:
            waiting += pool._inqueue.qsize()
        workers = len(pool._pool)
        busy = len(known.running) if known.threads else min(len(pool._cache), workers)
        sample = (waiting, busy, workers)
        if sample != known.told:
            known.told = sample
            session.ring.emit(KIND_POOL_SAMPLE, min(workers, 0xFFFF), 0, known.id, waiting, busy)
