"""Process pools, seen from their workers: each item's start and end under the name the parent knows the pool by."""

from __future__ import annotations

import os
import sys
from _weakref import ref
from types import FunctionType

from . import actors, edits, errors, work_names
from .kinds import KIND_ITEM_END, KIND_ITEM_START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

MASK = 0xFFFF_FFFF

# Of the worker's loop, from its first item on: what writes a record, what knows a text's id, what defines a text, its pool and
# its thread; and the error of the item that runs.
_tell: Any = None
_text: Any = None
_string: Any = None
_pool = _worker = 0
# id(queue) -> (weak reference, stream, pool's object id)
_known: Dict[int, Tuple[Any, str, int]] = {}
_error = 0
# concurrent.futures.process, and the probe's own package.
_process: Any = None
_package: Any = None


def patch(session: Any, process: Any) -> bool:
    """Edits the workers' loop of concurrent.futures; used when this process is, or forks, a worker."""
    global _process
    _process = process
    hooks = {"begin": _begin, "failed": _failed, "end": _end, "loop": forget}
    loop = [("", "first", "_interleave_loop()")]
    core = session.native
    if core is not None:
        core.work_here(_pool_here, actors.set_pool, process.partial, process._process_chunk)
        session.patches.undo(lambda: core.work_here(None, None, None, None))
        hooks = {"begin": core.begin_here, "failed": _failed_here, "end": core.end_here}
        loop = []
    return edits.edit(
        process._process_worker,
        [
            *loop,
            ("r = call_item.fn(", "before", "_interleave_begin(call_item, call_queue)"),
            ("exc = _ExceptionWithTraceback(", "before", "_interleave_failed(e)"),
            ("del call_item", "before", "_interleave_end(call_item)"),
        ],
        hooks,
    )


def forget() -> None:
    """A worker's loop begins, in this process or in a forked child."""
    global _tell
    _tell = None


def shared_name(pid: int, queue: Any) -> str:
    """`pool:PID:N`, the same in parent and workers: N is the pipe through which the work comes."""
    try:
        number = os.fstat(queue._reader.fileno()).st_ino
    except (OSError, AttributeError):
        number = 0
    return f"pool:{pid}:{number}"


def parent_pid() -> int:
    """The process that made this one by multiprocessing; not the fork server."""
    process = sys.modules.get("multiprocessing.process")
    parent = getattr(process, "_parent_process", None)
    return int(parent.pid) if parent is not None else os.getppid()


def worker_pool(queue: Any, kind: str, library: str) -> int:
    """Object id, in the worker's stream, of the pool whose work comes through this queue."""
    session = active()
    known = _known.get(id(queue))
    # The queue itself is an object of the recording too, so the pool has a table of its own; a fork starts it anew.
    if known is not None and known[0]() is queue and known[1] == session.stream:
        return known[2]
    number = int(session.sink.object(kind, library, 0, shared=shared_name(parent_pid(), queue)))
    _known[id(queue)] = (ref(queue), session.stream, number)
    return number


def _pool_here(queue: Any) -> int:
    return worker_pool(queue, "ProcessPoolExecutor", "concurrent.futures")


def active() -> Any:
    global _package
    package = _package
    if package is None:
        package = sys.modules.get("interleave_probe") or sys.modules[__name__.rpartition(".")[0]]
        _package = package
    return package.session


def _begin(item: Any, queue: Any) -> None:
    global _error
    if _tell is None and not _settle(queue):
        return
    _error = 0
    function = item.fn
    if type(function) is _process.partial and function.func is _process._process_chunk:
        function = function.args[0]
    if type(function) is FunctionType:
        name = _text(function.__qualname__) or _string(function.__qualname__)
    else:
        name = _string(work_names.function_name(function))
    _tell(KIND_ITEM_START, 0, _worker, _pool, name, item.work_id & MASK)


def _settle(queue: Any) -> bool:
    global _tell, _text, _string, _pool, _worker
    session = active()
    if session is None:
        return False
    _pool = _pool_here(queue)
    actors.set_pool(_pool)
    _worker = actors.current_thread()
    _text, _string, _tell = session.sink.known_text, session.sink.string, session.ring.emit
    return True


def _failed(error: BaseException) -> None:
    global _error
    session = active()
    if session is not None:
        _error = session.sink.string(errors.exception_text(error))


def _failed_here(error: BaseException) -> None:
    """The same for the native core."""
    session = active()
    if session is not None:
        session.native.fail_here(session.sink.string(errors.exception_text(error)))


def _end(item: Any) -> None:
    if _tell is not None:
        _tell(KIND_ITEM_END, 0, _worker, _pool, _error, item.work_id & MASK)
