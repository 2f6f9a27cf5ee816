"""Says what a suspended task waits for, and who must act for the wait to end."""

from __future__ import annotations

from types import FrameType

from . import aio_objects, aio_tasks
from .kinds import (
    OWNER_JOINED,
    OWNER_PROCESS,
    TASK_BIT,
    WAIT_ACQUIRE,
    WAIT_AWAIT,
    WAIT_BARRIER,
    WAIT_CONDITION,
    WAIT_EVENT,
    WAIT_GET,
    WAIT_IO,
    WAIT_PROCESS_JOIN,
    WAIT_PUT,
    WAIT_QUEUE_JOIN,
    WAIT_RESULT,
    WAIT_SEMAPHORE,
    WAIT_SLEEP,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple

    Owner = Tuple[int, ...]


class Waiting:
    """What is waited for. `owned` says that somebody known can be asked for by `owners`."""

    __slots__ = ("object", "op", "owned", "owners", "timeout")

    def __init__(
        self,
        op: int,
        object: int = 0,
        owners: Optional[Callable[[], Sequence[Owner]]] = None,
        timeout: int = 0,
    ) -> None:
        self.op = op
        self.object = object
        self.timeout = timeout
        self.owned = owners is not None
        self.owners = owners if owners is not None else _nobody


def _nobody() -> Sequence[Owner]:
    return []


def describe(task: Any, frames: List[FrameType]) -> Waiting:
    """The wait of a task that stands at these frames, innermost first."""
    found: Optional[Waiting] = None
    timeout = 0
    for frame in frames:
        module = frame.f_globals.get("__name__", "")
        if not isinstance(module, str) or not module.startswith(("asyncio.", "anyio.")):
            break
        outer = _by_frame(module, frame.f_code.co_name, frame, found)
        if outer is not None:
            found = outer
        if (
            frame.f_code.co_name == "wait_for"
            and module == "asyncio.tasks"
            and local(frame, "timeout") is not None
        ):
            timeout = 1
    if found is None:
        found = by_future(task._fut_waiter)
    if not found.timeout and (timeout or _under_wait_for(frames) or _under_timer(task)):
        found.timeout = 1
    return found


def local(frame: FrameType, name: str) -> Any:
    """A local variable of a suspended frame of the library, without keeping what it holds."""
    variables = frame.f_locals
    value = variables.get(name)
    if type(variables) is dict:  # until 3.12 a copy stays with the frame
        variables.clear()
    return value


def _under_wait_for(frames: List[FrameType]) -> bool:
    return any(
        frame.f_code.co_name == "wait_for"
        and frame.f_globals.get("__name__") == "asyncio.tasks"
        and local(frame, "timeout") is not None
        for frame in frames
    )


def _under_timer(task: Any) -> bool:
    """True inside `asyncio.timeout()` and its like, and when somebody will cancel the task at a given time."""
    for handle in list(getattr(task.get_loop(), "_scheduled", ()))[:MOST_TIMERS]:
        callback = getattr(handle, "_callback", None)
        owner = getattr(callback, "__self__", None)
        if owner is None or handle._cancelled:
            continue
        if owner is task:
            if getattr(callback, "__name__", "") == "cancel":
                return True
        elif type(owner).__module__.startswith(("asyncio.", "async_timeout", "anyio.")) and (
            task in (getattr(owner, "_task", None), getattr(owner, "_host_task", None))
        ):
            return True
    return False


def _by_frame(
    module: str, function: str, frame: FrameType, inner: Optional[Waiting]
) -> Optional[Waiting]:
    if module == "asyncio.locks":
        return _lock(function, frame, inner)
    if module == "asyncio.queues":
        ops = {"get": WAIT_GET, "put": WAIT_PUT, "join": WAIT_QUEUE_JOIN}
        if function in ops:
            return Waiting(ops[function], aio_objects.object_of(local(frame, "self")))
        return None
    if module == "asyncio.tasks":
        return _task_function(function, frame)
    if module == "asyncio.taskgroups":
        return _among(lambda group: getattr(group, "_tasks", ()), frame, "self")
    if module == "anyio._backends._asyncio" and function == "acquire_on_behalf_of":
        from . import aio_limiters

        limiter = local(frame, "self")
        return Waiting(
            WAIT_SEMAPHORE,
            aio_limiters.limiter_of(limiter),
            lambda: aio_limiters.borrowers_of(limiter),
        )
    if (
        module == "asyncio.base_subprocess" and function == "_wait"
    ) or module == "asyncio.subprocess":
        return _subprocess(frame)
    if module in (
        "asyncio.streams",
        "asyncio.base_events",
        "asyncio.selector_events",
        "asyncio.sslproto",
    ):
        return _io(function)
    return None


def _lock(function: str, frame: FrameType, inner: Optional[Waiting]) -> Optional[Waiting]:
    primitive = local(frame, "self")
    kind = aio_objects.type_of(primitive)
    if function == "acquire" and kind == "Lock":
        lock = primitive
        return Waiting(
            WAIT_ACQUIRE, aio_objects.object_of(lock), lambda: aio_objects.owners_of(lock)
        )
    if function == "acquire" and kind in ("Semaphore", "BoundedSemaphore"):
        return Waiting(
            WAIT_SEMAPHORE,
            aio_objects.object_of(primitive),
            lambda: aio_objects.owners_of(primitive),
        )
    if function == "wait" and kind == "Event":
        return Waiting(WAIT_EVENT, aio_objects.object_of(primitive))
    if kind == "Condition" and function in ("wait", "wait_for"):
        # A waiter that has been notified waits for the lock: that wait says more.
        if inner is not None and inner.op == WAIT_ACQUIRE:
            return None
        return Waiting(WAIT_CONDITION, aio_objects.object_of(primitive))
    if kind == "Barrier" and function in ("wait", "_wait", "_block"):
        return Waiting(WAIT_BARRIER, aio_objects.object_of(primitive))
    return None


def _task_function(function: str, frame: FrameType) -> Optional[Waiting]:
    if function == "sleep":
        return Waiting(WAIT_SLEEP, timeout=1)
    if function == "_wait":
        found = _among(lambda futures: futures, frame, "fs")
        if local(frame, "timeout") is not None:
            found.timeout = 1
        return found
    if function == "wait_for":
        # Until 3.11 the inner future is awaited through another one.
        inner = local(frame, "fut")
        return by_future(inner) if _is_future(inner) else None
    if function in ("_wait_for_one", "_cancel_and_wait"):
        todo = local(frame, "todo")
        iterator = local(frame, "self")
        if todo is None and iterator is not None:
            todo = getattr(iterator, "_todo_left", None) and getattr(iterator, "_todo", None)
        inner = local(frame, "fut")
        if _is_future(inner):
            return by_future(inner)
        return _joining(list(todo)) if isinstance(todo, (set, frozenset, list)) else None
    return None


def _among(members: Callable[[Any], Any], frame: FrameType, name: str) -> Waiting:
    holder = local(frame, name)
    try:
        futures = list(members(holder))
    except (TypeError, RuntimeError):
        futures = []
    return _joining(futures)


def _joining(futures: List[Any]) -> Waiting:
    """Waits for one or all of these to end."""

    def owners() -> List[Owner]:
        found: List[Owner] = []
        for future in futures:
            if not future.done():
                found.extend(owners_of_future(future)[:8])
            if len(found) >= 32:
                break
        return found

    return Waiting(WAIT_AWAIT, 0, owners)


def _subprocess(frame: FrameType) -> Waiting:
    transport = local(frame, "self")
    transport = getattr(transport, "_transport", transport)
    pid = getattr(transport, "_pid", None)
    if isinstance(pid, int):
        number: int = pid
        return Waiting(WAIT_PROCESS_JOIN, 0, lambda: [(OWNER_PROCESS, number, 0)])
    return Waiting(WAIT_IO)


MOST_TIMERS = 1000
IO_FUNCTIONS = frozenset(
    [
        "_wait_for_data",
        "drain",
        "_drain_helper",
        "serve_forever",
        "sock_recv",
        "sock_recv_into",
        "sock_recvfrom",
        "sock_sendall",
        "sock_sendto",
        "sock_connect",
        "sock_accept",
        "create_connection",
        "getaddrinfo",
        "wait_closed",
        "_ensure_resolved",
        "shutdown_default_executor",
    ]
)


def _io(function: str) -> Optional[Waiting]:
    return Waiting(WAIT_IO) if function in IO_FUNCTIONS else None


# -- futures ---------------------------------------------------------------------------------------------------------


def _is_future(thing: Any) -> bool:
    return getattr(type(thing), "_asyncio_future_blocking", None) is not None or hasattr(
        thing, "_asyncio_future_blocking"
    )


def by_future(future: Any) -> Waiting:
    """A wait for a future that no primitive of the library stands for."""
    if future is None:
        return Waiting(WAIT_AWAIT)
    if (
        type(future).__module__ == "asyncio.windows_events"
    ):  # the system ends it: a socket, a pipe, a process
        return Waiting(WAIT_IO)
    children = getattr(future, "_children", None)
    if isinstance(children, (list, tuple)):  # gather
        return _joining(list(children))
    owners = owners_of_future(future)
    if owners:
        op = WAIT_AWAIT if owners[0][0] == OWNER_JOINED else WAIT_RESULT
        return Waiting(op, aio_objects.future_of(future), lambda: owners_of_future(future))
    return Waiting(WAIT_AWAIT, aio_objects.future_of(future))


def owners_of_future(future: Any, depth: int = 0) -> List[Owner]:
    """Who ends a future: a task ends itself; one chained to another waits for that."""
    if isinstance(future, aio_tasks.task_types()):
        number = aio_tasks.defined_task(future)
        return [(OWNER_JOINED, TASK_BIT | number, 0)] if number else []
    children = getattr(future, "_children", None)
    if isinstance(children, (list, tuple)) and depth < 4:
        return [
            owner
            for child in children
            if not child.done()
            for owner in owners_of_future(child, depth + 1)
        ][:32]
    source = chained_to(future)
    if source is None or depth >= 4:
        return []
    if _is_future(source):
        return owners_of_future(source, depth + 1)
    pools = aio_tasks.session.features.get("pools")
    return pools.owners_of(source) if pools is not None else []


def chained_to(future: Any) -> Any:
    """The other future that this one follows (`wrap_future`, `run_coroutine_threadsafe`, `shield`), read off its callbacks."""
    callbacks = getattr(future, "_callbacks", None)
    if callbacks is None:
        callbacks = getattr(future, "_done_callbacks", None)
    for entry in list(callbacks or ()):
        callback = entry[0] if isinstance(entry, tuple) else entry
        code = getattr(callback, "__code__", None)
        name = getattr(code, "co_name", "")
        wanted = {"_call_check_cancel": "source", "_outer_done_callback": "inner"}.get(name)
        if wanted is None or code is None or wanted not in code.co_freevars:
            continue
        cell = callback.__closure__[code.co_freevars.index(wanted)]
        try:
            return cell.cell_contents
        except ValueError:
            return None
    return None
