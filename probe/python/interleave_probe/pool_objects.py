"""The executors of concurrent.futures, as objects of the recording."""

from __future__ import annotations

import sys
from _weakref import ref
from itertools import count

from . import creations, objects, pool_workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

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


# id(executor) -> its pool
pools: Dict[int, Pool] = {}
# id(future) -> item, until it is done. Not an attribute of the work items: all of a type share their keys, so each would be
# longer, and the garbage collector a fifth slower where many of them wait.
items: Dict[int, Any] = {}
TABLES = (pools, items)


def install(active: Any) -> None:
    """`active`: the session, None for no more. Its ids are those of one process."""
    global session
    session = active
    for table in TABLES:
        table.clear()


def thread_pool_made(executor: Any, name: Any) -> None:
    if session is not None:
        _new_pool(executor, "ThreadPoolExecutor", name, creations.stack(sys._getframe(2)), None)


def process_pool_made(executor: Any) -> None:
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
    pool = pools[id(executor)] = Pool(executor, number, kind == "ProcessPoolExecutor")
    return pool


def pool_of(executor: Any) -> Pool:
    pool = pools.get(id(executor))
    if pool is not None and pool.executor() is executor:
        return pool
    if hasattr(executor, "_call_queue"):  # made before the probe looked, or before a fork
        shared = pool_workers.shared_name(session.pid, executor._call_queue)
        return _new_pool(executor, "ProcessPoolExecutor", None, 0, shared)
    return _new_pool(
        executor, "ThreadPoolExecutor", getattr(executor, "_thread_name_prefix", None), 0, None
    )
