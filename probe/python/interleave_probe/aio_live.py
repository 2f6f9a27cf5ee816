"""All of asyncio's tasks that there are, wherever this version of it keeps them."""

from __future__ import annotations

from _weakref import ref
from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

# asyncio.tasks
module: Any = None
# all_tasks() of 3.14, which keeps the tasks of C in lists of its own, and those alone that are not over.
all_tasks: Any = None
# There: id(task) -> weak reference, of tasks that are known.
known: Dict[int, Any] = {}


def live_tasks(loop: Any) -> List[Any]:
    """Weak references or tasks of all loops; the caller filters."""
    if module is None:
        return []
    registered = getattr(module, "_scheduled_tasks", None)
    if registered is None:
        registered = getattr(module, "_all_tasks", None)
    found = list(registered.data) if registered is not None and hasattr(registered, "data") else []
    found.extend(getattr(module, "_eager_tasks", ()))
    if all_tasks is None:
        return found
    # Those that are over are among the known alone.
    weak = {}
    for address, task in list(known.items()):
        if task() is None:
            known.pop(address, None)
        else:
            weak[id(task)] = task
    if loop is not None:
        # In one call of C: no other thread runs while the tasks themselves are held here, so none dies in the wrong one.
        for task in list(map(ref, chain.from_iterable(map(all_tasks, (loop,))))):
            weak[id(task)] = task
    found.extend(weak.values())
    return found


def some_tasks(most: int) -> Any:
    """A few of all loops' tasks, as `live_tasks` gives them: cheap, and asked for without knowing a loop."""
    registered = getattr(module, "_scheduled_tasks", None) or getattr(module, "_all_tasks", None)
    try:
        return list(islice(chain(getattr(registered, "data", ()), known.values()), most))
    except RuntimeError:  # they have changed meanwhile
        return []
