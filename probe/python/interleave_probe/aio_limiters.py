"""anyio's CapacityLimiter: its id and who has its tokens. Loaded when a task waits for one."""

from __future__ import annotations

from . import aio_tasks, objects
from .kinds import OWNER_HOLDER, TASK_BIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

MOST_PERMITS = 0x7FFF_0000


def limiter_of(limiter: Any) -> int:
    """Object id of anyio's CapacityLimiter."""
    total = getattr(limiter, "_total_tokens", 0)
    return objects.object_id(
        limiter,
        lambda: int(
            aio_tasks.session.sink.object(
                "Limiter",
                "anyio",
                0,
                address=hex(id(limiter)),
                capacity=int(total) if 0 < total < MOST_PERMITS else None,
            )
        ),
    )


def borrowers_of(limiter: Any) -> List[Tuple[int, int, int]]:
    """The tasks that have a token of a CapacityLimiter; work in threads borrows in the name of something else."""
    found = []
    for borrower in list(getattr(limiter, "_borrowers", ()))[:32]:
        if isinstance(borrower, aio_tasks.task_types()) and not borrower.done():
            number = aio_tasks.defined_task(borrower)
            if number:
                found.append((OWNER_HOLDER, TASK_BIT | number, 0))
    return found
