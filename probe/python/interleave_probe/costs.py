"""What the probe itself costs: CPU time measured where that can be, and what hooks are known to cost by their number.

Measured is what happens seldom and takes long: the start, the watcher's thread, forks, looks at all tasks. What happens
often is counted. What is counted inside of a measured stretch is taken off again. What one costs is measured by
`npm run bench -- own`, which prints it beside what stands here.
"""

from __future__ import annotations

import time

from . import locks
from .clock import monotonic_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Tuple

    # How often what was done, as `names` of it says, and lines of definitions.
    Counted = Tuple[int, ...]
    # CPU time of the calling thread, and what had been counted.
    Mark = Tuple[int, Counted]

# CPU time of the calling thread, ns.
own_time: Callable[[], int] = getattr(time, "thread_time_ns", lambda: 0)

# All ns below are of a machine where one call of monotonic_ns() in a loop takes this long; others are as much slower or
# faster.
_REFERENCE = 55
# What one costs where the core is native, in the order of its effort(). To take a lock that is free takes less than without
# the probe.
NATIVE = {
    "locks": -42,  # taken and given back
    "own": -138,  # the same of what libraries have for themselves
    "made": 50,  # locks
    "steps": 90,  # of event loops, and their turns
    "looks": 60,  # at a task, or at a lock of asyncio
    "handles": -185,  # of event loops, made with less calls than asyncio's own functions take
    "items": 1060,  # of pools: submitted, begun or ended
    "asks": 1000,  # calls of Python code
    "notes": 60,  # reads, writes and messages between processes, semaphores of theirs taken
    "emits": 4500,  # records that Python code writes, with all that it takes to know what to write
    "records": 10,  # all others
    "passed": 1200,  # items of thread pools that are not told of, with what that changes in how threads meet
}
# And where it is Python.
PYTHON = {
    "records": 1500,  # with what it takes to know them
    "operations": 175,  # of locks
    "turns": 200,  # of event loops
    "steps": 160,
    "looks": 4000,  # at a step
    "acquires": 240,  # of locks and semaphores of asyncio
    "waits": 2500,  # for conditions
    "results": 2600,  # waited for
    # Of reads and writes between processes, with the locks of queues taken for them: 400 in a loop that does nothing else, more
    # than twice that where processes take turns and find nothing of ours in their caches.
    "notes": 1000,
    "semaphores": 150,  # of several processes: releases told of, beside their records
    "passed": 1200,  # items of thread pools that are not told of, with what that changes in how threads meet
}
# And where the core sees locks alone, all else being Python. Its own five were set by eye, not measured one by one.
FREE = {
    "locks": 45,  # taken and given back
    "own": 30,
    "made": 150,
    "asks": 1000,
    "emits": 1500,
    "records": 15,
    **{name: price for name, price in PYTHON.items() if name not in ("records", "operations")},
}
# A look while the program computes: who has the GIL gives it away and takes it again, on a core that has done something else
# meanwhile. A thread that only wakes a hundred times a second cost three bare programs 60 to 180 µs for each time, its own with it.
INTERRUPTION = 120_000
_NATIVE, _PYTHON, _FREE = (tuple(prices.values()) for prices in (NATIVE, PYTHON, FREE))

# What is loaded must be taken down when the interpreter ends, after the last word: a third of what loading took. And what
# the kernel does more for a fork, to copy what the probe has and what the child then changes of it: half of what the
# child's part takes.
_TAKEN_DOWN = 3
_COPIED = 2

_session: Any = None
_spent = 0
# The part of it that went into loading.
_loaded = 0
# Counted in stretches that have been measured.
_twice: Counted = ()
_slowness = 1.0
_interruptions = 0


def reset() -> None:
    """In a new process nothing has been spent."""
    global _spent, _loaded, _twice, _session, _interruptions
    _session = None
    _spent = _loaded = _interruptions = 0
    _twice = ()


def learn_speed() -> None:
    """How fast this machine is: a hundredth of a ms."""
    global _slowness
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


def loaded(ns: int, before: Counted = ()) -> None:
    """The same for what was spent on loading a part of the probe and putting it in place."""
    global _loaded
    _loaded += max(ns, 0)
    spent(ns, before)


def to_take_down() -> int:
    """What the interpreter's end will take for what has been loaded, ns."""
    return _loaded // _TAKEN_DOWN


def forking(ns: int) -> None:
    """So much has gone into a fork, in the parent. Its record is counted as well, which is a hundredth of it."""
    global _spent
    _spent += max(ns, 0)


def forked(ns: int) -> int:
    """This process is a forked child, and so much has gone into making it ready. Gives what has been spent so far."""
    spent(ns + max(ns, 0) // _COPIED)
    return _spent


def spent(ns: int, before: Counted = ()) -> None:
    """CPU time that somebody has measured, and what had been counted when that began."""
    global _spent, _twice
    _spent += max(ns, 0)
    now = counted()
    none = (0,) * len(now)
    _twice = tuple(
        [
            twice + number - was if number > was else twice
            for twice, number, was in zip(_twice or none, now, before or none)
        ]
    )


def counted() -> Counted:
    """What there is to count so far, lines of definitions last."""
    session = _session
    if session is None:
        return ()
    records, lines = session.ring.head, session.sink.lines
    features = session.features
    pools: Any = features.get("pools")
    passed = pools.passed() if pools is not None else 0
    if session.native is not None:
        effort = session.native.effort()
        return (*effort, records - effort[-1], passed, lines)
    loops: Any = features.get("aio_loop")
    conditions: Any = features.get("conditions")
    results = pools.results() if pools is not None else 0
    processes: Any = features.get("processes")
    operations: Counted = (records, locks.operations())
    if session.lock_core is not None:
        taken, own, made, _, _, _, _, asks, _, emits = session.lock_core.effort()
        operations = (taken, own, made, asks, emits, records - emits)
    return (
        *operations,
        *(loops.effort() if loops is not None else (0, 0, 0, 0)),
        conditions.waits_so_far() if conditions is not None else 0,
        results,
        *(processes.effort() if processes is not None else (0, 0)),
        passed,
        lines,
    )


def interrupted() -> None:
    """The watcher has looked while the program was computing."""
    global _interruptions
    _interruptions += 1


def left() -> Counted:
    """What was counted and not measured."""
    now = counted()
    return tuple(map(_more, now, _twice or (0,) * len(now)))


def _more(now: int, twice: int) -> int:
    return max(now - twice, 0)


def hooks() -> int:
    """What that costs on the usual machine, ns, but for lines of definitions."""
    prices = _PYTHON
    if _session is not None and _session.lock_core is not None:
        prices = _FREE if _session.native is None else _NATIVE
    return max(sum(number * price for number, price in zip(left(), prices)), 0)


def measured() -> int:
    """CPU time that was measured, here, ns."""
    lines = left()[-1] if _session is not None else 0
    return _spent + (int(_session.sink.cost(lines)) if lines else 0)


def slowness() -> float:
    """How many times slower than the usual one this machine is."""
    return _slowness


def estimate() -> int:
    """The CPU time that this process has spent for the probe so far, ns."""
    global _slowness
    # How fast the machine is changes with what else it does: now counts a little.
    _slowness += (min(_slowness_now(), _slowness * 2) - _slowness) / 16
    return measured() + int((hooks() + _interruptions * INTERRUPTION) * _slowness)
