"""Pools of concurrent.futures: where the library is told from, and how many items wait and workers are busy."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType

from . import (
    edits,
    pool_failures,
    pool_items,
    pool_objects,
    pool_told,
    pool_waits,
    pool_workers,
    queues,
    work_names,
)
from .kinds import KIND_POOL_SAMPLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

SAMPLE_EVERY = 20_000_000
PERIOD = 100_000_000

# What other parts ask of this one.
owners_of = pool_items.owners_of
passed = pool_items.passed
results = pool_waits.results

session: Any = None
_watched = False
_sampled_at = 0
_opened_at = 0


def install(active: Any) -> None:
    global session
    session = active
    _use(active)
    for part in (pool_failures, pool_waits, pool_objects, pool_items):
        active.empties(*part.TABLES)
    patches = active.patches
    patches.on_import("concurrent.futures._base", pool_failures.patch)
    patches.on_import("concurrent.futures._base", pool_waits.patch_futures)
    patches.on_import("multiprocessing.pool", pool_waits.patch_results)
    patches.on_import("concurrent.futures.thread", _patch_threads)
    patches.on_import("concurrent.futures.process", _patch_processes)
    patches.on_import("asyncio", _patch_bridge)


def uninstall() -> None:
    global session, _watched
    _watched = False
    session = pool_items.thread_names = None
    pool_failures.finish()
    _use(None)


def after_fork_child(active: Any) -> None:
    pool_failures.forget_stack()
    pool_waits.refill_for(active)
    pool_workers.forget()


def _use(active: Any) -> None:
    for part in (pool_failures, pool_waits, pool_objects, pool_items):
        part.install(active)
    pool_workers.forget()


def finish() -> None:
    """The program ends: failures that nobody asked for are lost."""
    pool_failures.finish()


def _patch_threads(module: ModuleType) -> None:
    if session is None:
        return
    thread: Any = module
    pool_items.thread_names = vars(module)
    pool_told.install(thread)
    executor = thread.ThreadPoolExecutor
    core = _watch_natively(thread)
    hooks = {
        "pool": pool_objects.thread_pool_made,
        "submit": pool_items.submit if core is None else core.submit,
        "put": pool_items.put if core is None else core.put,
        "begin": pool_items.begin if core is None else core.begin_item,
        "end": pool_items.end if core is None else core.end_item,
        "drop": pool_items.drop if core is None else core.drop_item,
        "items": pool_objects.items,
        "pass": pool_items.pass_over.__next__,
        "failing": pool_failures.failing_item,
        "shutting": pool_waits.ShuttingDown,
        "on": True,
    }
    dropped = "if _interleave_items: _interleave_drop(work_item)"
    edits.edit(
        executor.shutdown,
        [
            ("t.join()", "with", "_interleave_shutting(self, t)"),
            ("work_item.future.cancel()", "before", dropped),
        ],
        hooks,
    )
    edits.edit(
        executor._initializer_failed,
        [("work_item.future.set_exception(", "before", dropped)],
        hooks,
    )
    made = (
        "self._max_workers = max_workers",
        "after",
        "_interleave_pool(self, thread_name_prefix)",
    )
    edits.edit(executor.__init__, [made], hooks)
    done = edits.edit(
        executor.submit,
        [
            (
                "",
                "first",
                "_interleave_item = _interleave_submit(self, fn) if _interleave_on else _interleave_pass()",
            ),
            (
                "w = _WorkItem(",
                "after",
                "if _interleave_item is not None: _interleave_put(_interleave_item, f)",
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
                "_interleave_item = _interleave_begin(work_item) if _interleave_items else None",
            ),
            (
                "work_item.run(",
                "after",
                "if _interleave_item is not None: _interleave_end(_interleave_item)",
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
            "items": pool_objects.items,
            "groups": pool_failures._groups,
            "pool_of": pool_objects.pool_of,
            "used_up": pool_items.used_up,
            "name_of": work_names.function_name,
            "new_worker": pool_items.new_worker,
            "failing": pool_failures.failing_item,
            "map": module._base.Executor.map.__code__,
        }
    )
    session.patches.undo(lambda: core.watch_items(None))
    core.allow_items(pool_items.FIRST_TOLD)
    return core


def _patch_processes(module: ModuleType) -> None:
    if session is None:
        return
    process: Any = module
    executor = process.ProcessPoolExecutor
    core = _watch_natively(process)
    hooks = {
        "pool": pool_objects.process_pool_made,
        "submit": pool_items.submit_to_process if core is None else core.submit_to_process,
        "done": pool_items.done_by_process if core is None else core.done_by_process,
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
        executor.submit, [("w = _WorkItem(", "after", "_interleave_submit(self, f)")], hooks
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
            {"bridge": pool_items.bridge},
        )


@edits.quiet
def watch(now: int, frames: Any = None) -> None:
    """How many items wait and how many workers are busy, when that has changed, 50 times a second at most."""
    global _sampled_at, _opened_at
    if session is None:
        return
    pool_waits.watch(now, frames)
    if now - _sampled_at < SAMPLE_EVERY:
        return
    if now - _opened_at >= PERIOD:
        _opened_at = now
        pool_waits.refill()
        pool_items.refill()
    _sampled_at = now
    for address, pool in list(pool_objects.pools.items()):
        executor = pool.executor()
        if executor is None:
            pool_objects.pools.pop(address, None)
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
