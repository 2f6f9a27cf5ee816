"""The probe: records what the threads, locks, tasks and processes of this Python program do, and changes nothing else."""

from __future__ import annotations

import _signal
import atexit
import os
import sys
from types import ModuleType

from . import actors, costs, edits, files, locks, objects, origins, waits
from .files import own
from .kinds import KIND_EXIT
from .patch import unhook_imports
from .recorded import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional, Set

# Feature modules in the order of installing; each has install(session) and uninstall(), and may have watch(now, frames),
# before_fork(), after_fork_parent() and after_fork_child(session). One that fails is left out. Tables that are only to be
# emptied in a forked child are given to the session instead: see `Session.empties`.
FEATURES = (
    "threads",
    "locks",
    "native",
    "conditions",
    "queues",
    "forks",
    "pools",
    "processes",
    "coroutines",
    "aio_loop",
    "aio_tasks",
    "aio_primitives",
    "watcher",
)
# Those that wait until the program imports one of these modules; the others are needed at once.
LATE = {
    "pools": (
        "concurrent.futures._base",
        "concurrent.futures.thread",
        "concurrent.futures.process",
        "multiprocessing.pool",
        "asyncio",
    ),
    "processes": (
        "multiprocessing.process",
        "multiprocessing.connection",
        "multiprocessing.synchronize",
        "subprocess",
    ),
    "coroutines": ("warnings",),
    "aio_loop": ("asyncio",),
    "aio_tasks": ("asyncio",),
    "aio_primitives": ("asyncio",),
}


session: Optional[Session] = None
_registered = False
# Signals that wait until the probe has said goodbye.
_late_signals: Set[int] = set()


def install(folder: str, options: str = "", since: int = 0) -> bool:
    """Starts to record into `folder`. False, with nothing changed, when that cannot be.

    `since`: CPU time of this thread when somebody began to load the probe.
    """
    global session, _registered
    if session is not None or not origins.main_interpreter():
        return False
    begun = costs.own_time()
    costs.reset()
    costs.learn_speed()
    parsed = dict(part.split("=", 1) for part in options.split(";") if "=" in part)
    try:
        session = Session(folder, parsed)
    except OSError as error:
        if not own(error) and not _ours(error):
            raise
        return False
    if not _registered and hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_before_fork,
            after_in_parent=_after_fork_parent,
            after_in_child=_after_fork_child,
        )
        _registered = True
    # Registered first, so it runs last; and after it what it has kept back.
    if hasattr(_signal, "pthread_sigmask"):
        atexit.register(_signal.pthread_sigmask, _signal.SIG_UNBLOCK, _late_signals)
    atexit.register(finish)
    for name in FEATURES:
        if name in LATE:
            _add_late(session, name)
        else:
            _guard(session, name, lambda module: module.install(session))
    edits.forget_sources()
    if session.blind:
        session.sink.process(blind=list(session.blind))
    locks.arm()
    costs.loaded(costs.own_time() - (since or begun))
    # Some end without a word, and before the watcher has looked.
    session.ring.set_overhead(costs.measured())
    return True


def _add_late(active: Session, name: str) -> None:
    """Loads a part when the program imports something that it is for."""

    def load(_: ModuleType) -> None:
        if active.closed or name in active.features:
            return
        known = len(active.blind)
        _guard(active, name, lambda module: module.install(active))
        if len(active.blind) != known:
            active.sink.process(blind=list(active.blind))

    for trigger in LATE[name]:
        active.patches.on_import(trigger, load)


def uninstall() -> None:
    """Stops recording and restores every original."""
    global session
    ended = session
    if ended is None:
        return
    for name in reversed(list(ended.features)):
        ended.features[name].uninstall()
    ended.patches.restore_all()
    edits.restore_all()
    unhook_imports()
    atexit.unregister(finish)
    session = None
    actors.uninstall()
    waits.uninstall()
    objects.reset()
    ended.ring.close()
    ended.sink.close()


def finish(code: int = 0, normally: bool = True) -> None:
    """Says goodbye at the end of the program: what is left to say, the exit record and the closed stamp, once.

    Everything is put back first, so that the interpreter tears down a program without a probe.
    """
    active = session
    if active is None or active.closed:
        return
    if hasattr(_signal, "pthread_sigmask"):
        # What a signal handler raises must not end this half-way, nor be said to come from here.
        every = _signal.valid_signals()
        _late_signals.update(every - _signal.pthread_sigmask(_signal.SIG_BLOCK, every))
    active.closed = True
    begun = costs.own_time()
    edits.forget_sources()
    getattr(__spec__.loader, "keep_parts", _nothing)()
    watcher = active.features.get("watcher")
    if watcher is not None:
        watcher.stop()
    # What fails here must neither print nor keep the rest from being put back.
    for module in list(active.features.values()):
        edits.quiet(getattr(module, "finish", _nothing))()
    for name in reversed(list(active.features)):
        edits.quiet(active.features[name].uninstall)()
    active.patches.restore_all()
    edits.restore_all()
    unhook_imports()
    active.ring.emit(
        KIND_EXIT, 1 if normally else 0, actors.current_thread(), code & 0xFFFF_FFFF, 0, 0
    )
    actors.silence()
    ending = max(0, costs.own_time() - begun) + costs.to_take_down()
    active.ring.set_overhead(active.cost_ns + ending)
    active.ring.close()


def _nothing() -> None:
    return None


def _guard(active: Session, name: str, step: Callable[[ModuleType], object]) -> None:
    """Loads a feature and runs its step; one that is not there or fails is left out and said to be blind."""
    full = f"{__name__}.{name}"
    try:
        module = sys.modules.get(full)
        if module is None:
            __import__(full)
            module = sys.modules[full]
        step(module)
        active.features[name] = module
        # Asking each module at each look would cost a third of it: a name that is not there is an error inside.
        for moment, steps in active.steps.items():
            if hasattr(module, moment):
                steps.append(getattr(module, moment))
    except ModuleNotFoundError as error:
        if error.name != full:
            _failed(active, name, error)
    except Exception as error:
        if not _ours(error):
            raise
        _failed(active, name, error)


def _failed(active: Session, name: str, error: BaseException) -> None:
    if os.environ.get("INTERLEAVE_DEBUG"):
        raise error
    active.blind.append(
        f"The probe's part '{name}' could not be installed: {type(error).__name__}: {error}"
    )


def _ours(error: BaseException) -> bool:
    """True when every frame of the traceback is the probe's: not an exception from a signal handler of the program."""
    traceback = error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith((files.OURS, "<frozen importlib")):
            return False
        traceback = traceback.tb_next
    return True


def _before_fork() -> None:
    active = session
    if active is not None:
        begun = costs.own_time()
        for step in reversed(active.before_forks):
            step()
        active.sink.hold()
        if active.holds_ring:
            active.ring.hold()
        costs.forking(costs.own_time() - begun)


def _after_fork_parent() -> None:
    active = session
    if active is not None:
        begun = costs.own_time()
        active.sink.resume()
        if active.holds_ring:
            active.ring.resume()
        # First of all, as it may take its time: the watcher's thread is to begin only when the program has its answer.
        active.count_fork()
        for step in active.after_forks:
            step()
        costs.forking(costs.own_time() - begun)


def _after_fork_child() -> None:
    global session
    active = session
    if active is None:
        return
    begun = costs.own_time()
    # Each function that runs here and each object that is touched costs a page: what can be left as it is, is.
    costs.reset()
    active.leave_parents()
    try:
        active.open()
    except OSError as error:
        if not own(error) and not _ours(error):
            raise
        session = None
        for name in reversed(list(active.features)):
            active.features[name].uninstall()
        active.patches.restore_all()
        edits.restore_all()
        unhook_imports()
        return
    for step in active.after_forks_here:
        step(active)
    active.ring.set_overhead(costs.forked(costs.own_time() - begun))
