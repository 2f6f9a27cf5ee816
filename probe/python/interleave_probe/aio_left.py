"""Tasks that nobody will ask any more: pending when their loop closes, failed and never looked at."""

from __future__ import annotations

import sys
from _weakref import ref

from . import aio_live, aio_tasks, aio_waits, errors
from .kinds import KIND_TASK_EXCEPTION_LOST, KIND_TASK_PENDING, TASK_BIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List


def pending(loop: Any) -> List[Any]:
    found = []
    for weak in aio_live.live_tasks(loop):
        task = weak() if isinstance(weak, ref) else weak
        if task is not None and not task.done() and task.get_loop() is loop:
            found.append(task)
    return found


def pending_of(loop: Any) -> int:
    """How many of the loop's tasks are not over."""
    return len(pending(loop)) if aio_tasks.session is not None else 0


def closed(loop: Any) -> int:
    """The loop closes: says of each of its pending tasks where it stands. Gives their number."""
    left = pending(loop)
    for task in left:
        if not is_cancelled(task):
            _say_pending(task)
    return len(left)


def left_over(tasks: Any) -> None:
    """`asyncio.run` cancels what is left when its main coroutine has returned: nobody will await these."""
    if aio_tasks.session is None or sys.exc_info()[0] is not None:
        return
    for task in list(tasks):
        if isinstance(task, aio_tasks.task_types()) and not task.done() and not is_cancelled(task):
            _say_pending(task)


def is_cancelled(task: Any) -> bool:
    """True once the program has asked the task to stop, which it has had no time for yet."""
    waiter = task._fut_waiter
    asked = getattr(task, "cancelling", None)
    return bool(
        task._must_cancel
        or (waiter is not None and waiter.cancelled())
        or (asked is not None and asked())
    )


def _say_pending(task: Any) -> None:
    number = aio_tasks.defined_task(task)
    entry = aio_tasks.entries.get(id(task))
    if entry is None or entry[aio_tasks.OVER] is None:
        return
    # None: said already, and not over.
    entry[aio_tasks.OVER] = None
    aio_tasks.session.ring.emit(
        KIND_TASK_PENDING,
        0,
        TASK_BIT | number,
        entry[aio_tasks.LOOP],
        aio_waits.suspended_stack(task),
        entry[aio_tasks.STACK],
    )


def failed(loop: Any, context: Any) -> None:
    """asyncio is about to complain: of a failure that nobody looked at, or of a pending task that is destroyed."""
    if aio_tasks.session is None or type(context) is not dict:
        return
    message = context.get("message")
    if type(message) is not str:
        return
    if message.endswith("exception was never retrieved"):
        future = context.get("future", context.get("task"))
        error = context.get("exception")
        if isinstance(error, BaseException):
            _lost(future, error)
    elif message == "Task was destroyed but it is pending!":
        task = context.get("task")
        if task is not None and aio_tasks.entries.get(id(task)) is not None:
            _say_pending(task)


def _lost(future: Any, error: BaseException) -> None:
    sink = aio_tasks.session.sink
    entry = (
        aio_tasks.entries.pop(id(future), None)
        if isinstance(future, aio_tasks.task_types())
        else None
    )
    aio_tasks.session.ring.emit(
        KIND_TASK_EXCEPTION_LOST,
        0,
        TASK_BIT | entry[aio_tasks.ID] if entry is not None else 0,
        sink.string(errors.exception_text(error)),
        errors.raise_stack(sink, error),
        entry[aio_tasks.STACK] if entry is not None else _source_stack(future),
    )


def _source_stack(future: Any) -> int:
    """Where a bare future was made; known in asyncio's debug mode only."""
    source = getattr(future, "_source_traceback", None) or ()
    sites = [
        aio_tasks.session.sink.site(frame.filename, frame.lineno, frame.name)
        for frame in reversed(source)
    ]
    return int(aio_tasks.session.sink.stack_of(sites))


def finish() -> None:
    """The program ends: failed tasks that still live and that nobody has asked are lost too."""
    if aio_tasks.session is None:
        return
    for weak in aio_live.live_tasks(None):
        task = weak() if isinstance(weak, ref) else weak
        if task is None or not task.done() or not getattr(task, "_log_traceback", False):
            continue
        error = getattr(task, "_exception", None)
        if error is not None and id(task) in aio_tasks.entries:
            _lost(task, error)
