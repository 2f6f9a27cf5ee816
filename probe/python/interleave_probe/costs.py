"""What the probe itself costs: CPU time measured where that can be, and what hooks are known to cost by their number.

Measured is what happens seldom and takes long: the start, the watcher's thread, forks, looks at all tasks. What happens
often is counted. What is counted inside of a measured stretch is taken off again.
"""

from __future__ import annotations

import time

from . import locks
from .clock import monotonic_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Tuple

    # What the hooks have cost by their number, in ns of the usual machine, and lines of definitions.
    Counted = Tuple[int, int]
    # CPU time of the calling thread, and what had been counted.
    Mark = Tuple[int, Counted]

# CPU time of the calling thread, ns.
own_time: Callable[[], int] = getattr(time, "thread_time_ns", lambda: 0)

# All ns below are of a machine where one call of monotonic_ns() in a loop takes this long; others are as much slower or
# faster.
_REFERENCE = 55
# The native core: per step or turn of a loop, look at a task or lock of asyncio, item of a pool, record that Python code
# writes with all that it takes to know what to write, other call of Python code, read, write or message between processes,
# and other record. To take a free lock and give it back takes less than without the probe, so much that a record or two
# are paid.
_STEP, _LOOK, _ITEM, _EMIT, _ASK, _NOTE, _RECORD = 50, 120, 360, 3000, 1500, 250, 12
_SAVED = 30
# The Python core: per record, with what it takes to know it, and per hooked operation of a lock; per turn of a loop, step,
# look at a step, lock or semaphore of asyncio taken and given back, and wait for a condition.
_PYTHON_RECORD, _OPERATION = 2500, 350
_PYTHON_TURN, _PYTHON_STEP, _PYTHON_LOOK, _PYTHON_ACQUIRE, _PYTHON_WAIT = 400, 170, 2500, 450, 1500
# And per read or write between processes, and what is done with a semaphore of several.
_PYTHON_NOTE, _PYTHON_SEMAPHORE = 2000, 1200

_session: Any = None
_spent = 0
# Counted in stretches that have been measured.
_twice = (0, 0)
_slowness = 1.0


def reset() -> None:
    """In a new process nothing has been spent. Learns how fast this machine is: a hundredth of a ms."""
    global _spent, _twice, _slowness, _session
    _session = None
    _spent = 0
    _twice = (0, 0)
    _slowness = min(_slowness_now() for _ in range(4))


def use(session: Any) -> None:
    """Whose hooks are counted, once it has a ring."""
    global _session
    _session = session


def _slowness_now() -> float:
    now = monotonic_ns
    before = now()
    for _ in range(40):
        now()
    return min(max((now() - before) / 41 / _REFERENCE, 0.2), 5.0)


def begin() -> Mark:
    """From here on this thread works for the probe: give the mark to `end`."""
    return own_time(), counted()


def end(mark: Mark) -> None:
    """The thread goes on with the program."""
    spent(own_time() - mark[0], mark[1])


def spent(ns: int, before: Counted = (0, 0)) -> None:
    """CPU time that somebody has measured, and what had been counted when that began."""
    global _spent, _twice
    hooks, lines = counted()
    _spent += max(ns, 0)
    _twice = (_twice[0] + max(hooks - before[0], 0), _twice[1] + lines - before[1])


def counted() -> Counted:
    """What there is to count so far."""
    session = _session
    if session is None:
        return 0, 0
    return _hooks(session), session.sink.lines


def _hooks(session: Any) -> int:
    records = session.ring.head
    if session.native is not None:
        taken, steps, looks, items, emits, asks, notes = session.native.effort()
        hooks = steps * _STEP + looks * _LOOK + items * _ITEM + emits * _EMIT + asks * _ASK
        hooks += notes * _NOTE
        return int(hooks + max((records - emits) * _RECORD - taken * _SAVED, 0))
    hooks = records * _PYTHON_RECORD + locks.operations() * _OPERATION
    loops: Any = session.features.get("aio_loop")
    if loops is not None:
        turns, steps, looks, acquires = loops.effort()
        hooks += turns * _PYTHON_TURN + steps * _PYTHON_STEP
        hooks += looks * _PYTHON_LOOK + acquires * _PYTHON_ACQUIRE
    conditions: Any = session.features.get("conditions")
    if conditions is not None:
        hooks += conditions.waits_so_far() * _PYTHON_WAIT
    processes: Any = session.features.get("processes")
    if processes is not None:
        notes, operations = processes.effort()
        hooks += notes * _PYTHON_NOTE + operations * _PYTHON_SEMAPHORE
    return int(hooks)


def estimate() -> int:
    """The CPU time that this process has spent for the probe so far, ns."""
    global _slowness
    # How fast the machine is changes with what else it does: now counts a little.
    _slowness += (min(_slowness_now(), _slowness * 2) - _slowness) / 16
    hooks, lines = counted()
    here = max(hooks - _twice[0], 0) * _slowness
    return _spent + int(here) + int(_session.sink.cost(max(lines - _twice[1], 0)))
