"""What the probe itself costs: CPU time measured where that can be, and what hooks are known to cost by their number."""

from __future__ import annotations

import time

from . import locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

# CPU time of the calling thread, ns.
own_time: Callable[[], int] = getattr(time, "thread_time_ns", lambda: 0)

# ns on the machine where one call of monotonic_ns() in a loop takes this long; others are as much slower or faster.
_REFERENCE = 55
# The native core: per step or turn of a loop, look at a task or lock of asyncio, item of a pool, record that Python code
# writes with all that it takes to know what to write, other call of Python code, and other record. To take a free lock
# and give it back takes less than without the probe, so much that a record or two are paid.
_STEP, _LOOK, _ITEM, _EMIT, _ASK, _RECORD = 70, 200, 600, 3000, 1500, 12
_SAVED = 30
# The Python core: per record, with what it takes to know it, and per hooked operation of a lock.
_PYTHON_RECORD, _OPERATION = 2500, 350

_spent = 0
_slowness = 1.0


def reset() -> None:
    """In a new process nothing has been spent. Learns how fast this machine is: a hundredth of a ms."""
    global _spent, _slowness
    _spent = 0
    now = time.monotonic_ns
    best = 1 << 60
    for _ in range(4):
        before = now()
        for _ in range(40):
            now()
        best = min(best, now() - before)
    _slowness = min(max(best / 41 / _REFERENCE, 0.2), 5.0)


def spent(ns: int) -> None:
    """CPU time that somebody has measured."""
    global _spent
    _spent += max(ns, 0)


def estimate(session: Any) -> int:
    """The CPU time that this process has spent for the probe so far, ns."""
    records = session.ring.head
    if session.native is None:
        hooks = records * _PYTHON_RECORD + locks.operations() * _OPERATION
    else:
        taken, steps, looks, items, emits, asks = session.native.effort()
        hooks = steps * _STEP + looks * _LOOK + items * _ITEM + emits * _EMIT + asks * _ASK
        hooks += max((records - emits) * _RECORD - taken * _SAVED, 0)
    return _spent + int(hooks * _slowness)
