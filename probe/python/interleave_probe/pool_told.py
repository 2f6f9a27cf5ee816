"""Work of thread pools that was not told of one by one: who runs it, or where it stands, found out when somebody asks."""

from __future__ import annotations

import gc
from types import FrameType

from . import actors
from .frames import current as frames_now
from .kinds import OWNER_QUEUED, OWNER_RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

# A queue with more items is not looked through.
MOST_LOOKED_AT = 20_000

_worker: Any = None


def install(thread: Any) -> None:
    """With the module concurrent.futures.thread."""
    global _worker
    _worker = thread._worker


def owners_of(future: Any, pools: List[Any]) -> List[Tuple[int, int, int]]:
    """The worker that runs a future's work, or the pool it stands in."""
    state = future._state
    if state == "RUNNING":
        return _runner(future, pools)
    if state == "PENDING":
        for pool in pools:
            executor = pool.executor()
            if executor is not None and any(
                getattr(work, "future", None) is future for work in _queued(executor)
            ):
                return [(OWNER_QUEUED, pool.id, 0)]
    return []


def _queued(executor: Any) -> Iterator[Any]:
    """What stands in a SimpleQueue: since 3.13 it holds its items itself, before in a list."""
    queue = executor._work_queue
    if queue.qsize() > MOST_LOOKED_AT:
        return
    for held in gc.get_referents(queue):
        if type(held) is list:
            yield from list(held)
        else:
            yield held


def _runner(future: Any, pools: List[Any]) -> List[Tuple[int, int, int]]:
    frames = frames_now()
    found: List[Tuple[int, int, int]] = []
    for pool in pools:
        executor = pool.executor()
        for thread in list(executor._threads) if executor is not None else ():
            ident = thread._ident
            info = actors.by_ident.get(ident)
            if info is not None and _runs(frames.get(ident), future):
                found = [(OWNER_RUNNING, info.id, 0)]
    frames.clear()
    return found


def _runs(frame: Optional[FrameType], future: Any) -> bool:
    """True for a thread whose pool's loop is at this future's work."""
    while frame is not None:
        if frame.f_code is _worker.__code__:
            return getattr(_local(frame, "work_item"), "future", None) is future
        frame = frame.f_back
    return False


def _local(frame: FrameType, name: str) -> Any:
    variables = frame.f_locals
    value = variables.get(name)
    # Until 3.12 a copy stays with the frame and would keep what it holds; a debugger may be about to write it back.
    if type(variables) is dict and frame.f_trace is None:
        variables.clear()
    return value


def pool_here(frame: Optional[FrameType]) -> Any:
    """The pool whose worker this thread is, None when it is none of a known pool."""
    from . import pool_objects

    while frame is not None:
        if _worker is not None and frame.f_code is _worker.__code__:
            queue = _local(frame, "work_queue")
            for pool in list(pool_objects.pools.values()):
                executor = pool.executor()
                if not pool.processes and executor is not None and executor._work_queue is queue:
                    return pool
            return None
        frame = frame.f_back
    return None


def sample(executor: Any, pool: Any, frames: Any) -> Tuple[int, int, int]:
    """(items that wait, workers that are busy, workers)."""
    waiting, threads = executor._work_queue.qsize(), list(executor._threads)
    busy = len(pool.running)
    if busy < len(threads) and _worker is not None and frames is not None:
        busy = len(threads) if waiting > len(threads) else _busy(threads, frames())
    return waiting, busy, len(threads)


def _busy(threads: List[Any], frames: Dict[int, FrameType]) -> int:
    """Workers that are inside of an item: those that wait for one stand in the pool's loop itself."""
    busy = 0
    for thread in threads:
        frame = frames.get(thread._ident)
        if (
            frame is not None
            and frame.f_code is not _worker.__code__
            and not _waits_in_probe(frame)
        ):
            busy += 1
    frames.clear()
    return busy


def _waits_in_probe(frame: FrameType) -> bool:
    """The wait for an item seen through a hook of ours, or a thread that only begins."""
    name = f"{frame.f_globals.get('__name__')}."
    return name.startswith(("interleave_probe.", "threading.", "queue."))
