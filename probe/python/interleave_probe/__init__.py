"""The probe: records what the threads, locks, tasks and processes of this Python program do, and changes nothing else."""

from __future__ import annotations

import _signal
import atexit
import os
import sys
from types import ModuleType

from . import actors, costs, edits, files, locks, native, objects, origins, sink, waits
from .clock import monotonic_ns, time_ns
from .files import own, system
from .kinds import KIND_EXIT, RECORD_BYTES, RING_HEADER_BYTES
from .patch import Patches, unhook_imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional, Set

    from .ring import Ring

# Feature modules in the order of installing; each has install(session) and uninstall(), and may have watch(now, frames),
# before_fork(), after_fork_parent() and after_fork_child(session). One that fails is left out.
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
_SMALLEST = 256 << 10
_DEFAULT_BUDGET = 256 << 20
# What a process that has little to say uses of it.
_LEAST_USED = 1 << 20
# Files whose size is asked for.
_MOST_SIZED = 200


class Session:
    """One process under the probe. `ring` and `sink` are replaced in a forked child: never keep them, ask here."""

    def __init__(self, folder: str, options: Dict[str, str]) -> None:
        self.folder = os.path.abspath(folder)
        self.options = options
        self.full = options.get("detail") == "full"
        self.budget = _number(options.get("budget"), _DEFAULT_BUDGET)
        self.sample_ns = max(1, _number(options.get("sample"), 10)) * 1_000_000
        self.patches = Patches()
        # The native core, or the one for free-threaded builds, which sees locks alone.
        self.lock_core: Optional[ModuleType] = native.find(options)
        self.native = None if hasattr(self.lock_core, "free") else self.lock_core
        self.core = "python" if self.lock_core is None else "native"
        sink.use(self.native)
        self.features: Dict[str, ModuleType] = {}
        # What the features do at each look of the watcher.
        self.watches: List[Callable[[int, object], None]] = []
        self.blind: List[str] = []
        # Of what only a part is told: items, tasks, messages.
        self.partly: List[str] = []
        self.parent: Optional[str] = None
        self.how = ""
        # multiprocessing's resource tracker or fork server: nothing of the program runs there.
        self.service = origins.is_service()
        self.served = False
        self.cost_ns = 0
        self.closed = False
        # What the parent knew, in a forked child: nothing of it is used, but to free it would copy all its memory.
        self._parents: List[object] = []
        self._cores = os.cpu_count() or 1
        self._forks = 0
        self._used = 0
        self._forks_since = 0
        self.ring: Ring
        self.sink: sink.Sink
        self.open()

    def open(self) -> None:
        """Opens this process's stream. Raises OSError when the folder cannot be written."""
        self.pid = system.getpid()
        self.started = monotonic_ns()
        self.stream = f"{self.pid}-{self.started:x}"
        base = os.path.join(self.folder, self.stream)
        if not self.how:
            self._look_around()
        limit = max(1, (self._room() - RING_HEADER_BYTES) // RECORD_BYTES)
        append = getattr(self.native, "append", None) or files.quiet_append()
        self.sink = sink.Sink(base + ".defs", self.budget // 8, append)
        self.sink.process(
            pid=self.pid,
            ppid=system.getppid(),
            runtime="python",
            version=".".join(map(str, sys.version_info[:3])),
            executable=sys.executable or "",
            argv=origins.argv(),
            core=self.core,
            detail="full" if self.full else "default",
            blind=list(self.blind),
            gil=origins.has_gil(),
            switchInterval=sys.getswitchinterval(),
            cores=self._cores,
            parent=self.parent,
            how=self.how,
            service=self.service or None,
            signals=None,
            clock={"monotonic": monotonic_ns(), "wall": time_ns()},
        )
        self.ring = self._make_ring()(base + ".ring", limit, self.pid, self.started)
        self.actors = actors
        self.waits = waits
        self.objects = objects
        objects.reset()
        native.use(self)
        actors.install(self.sink, self.ring)
        waits.install(self.sink, self.ring)
        costs.use(self)

    def _make_ring(self) -> Callable[[str, int, int, int], Ring]:
        if hasattr(self.lock_core, "Ring"):
            return self.lock_core.Ring  # type: ignore[no-any-return, union-attr]
        from .ring import Ring

        return Ring

    def say_blind(self, sentence: str) -> None:
        """Adds a sentence about what cannot be seen here to the process definition, once."""
        if sentence not in self.blind:
            self.blind.append(sentence)
            self.sink.process(blind=list(self.blind))

    def say_partly(self, things: str, sentence: str) -> None:
        """The same where there were too many of something to tell of each: `items`, `tasks` or `messages`."""
        if things not in self.partly:
            self.partly.append(things)
            self.sink.process(partly=list(self.partly))
        self.say_blind(sentence)

    def leave_parents(self) -> None:
        """In a forked child: nothing more is written into the parent's stream."""
        self.ring.abandon()
        self.sink.close()
        self._parents += (self.ring, self.sink, objects.reset())

    def _room(self) -> int:
        """Bytes this ring may grow to: a quarter of what the budget leaves, never below the smallest."""
        used = self._used + self._forks_since * _LEAST_USED
        return max(_SMALLEST, (self.budget - used) // 4)

    def count_fork(self) -> None:
        """After each fork, as what looks at files lets other threads run, the main one to its end perhaps, between a fork's
        check and the fork. Looks at what all have used only now and then, so that a thousand children look ten times."""
        self._forks += 1
        self._forks_since += 1
        if self._forks & (self._forks - 1) == 0:
            self._look_around()

    def _look_around(self) -> None:
        """Learns what all processes together have used of the budget, of many files from a part of them.

        Finds the parent's stream on the way, when nobody has said how this process came to be.
        """
        used = files_seen = sized = 0
        mine, parents, earlier = f"{self.pid}-", f"{system.getppid()}-", ""
        parent = ""
        try:
            # The methods of what `scandir` gives are forbidden by tests of event loops.
            for name in system.listdir(self.folder):
                if not name.endswith((".ring", ".defs")):
                    continue
                if name.startswith(mine):
                    earlier = max(earlier, name[:-5], key=origins.start_of)
                elif name.startswith(parents):
                    parent = max(parent, name[:-5], key=origins.start_of)
                files_seen += 1
                if sized == _MOST_SIZED:
                    continue
                try:
                    used += system.lstat(os.path.join(self.folder, name)).st_size
                    sized += 1
                except OSError as error:
                    if not own(error):
                        raise
        except OSError as error:
            # Gone, or no descriptor is free: who opens a file there next finds out.
            if not own(error):
                raise
        self._used = used * files_seen // max(sized, 1)
        self._forks_since = 0
        if not self.how:
            self.parent = earlier or parent or None
            self.how = "exec" if earlier else origins.way() if parent else "main"

    def served_for(self, parent: int) -> None:
        """The fork server has made this process for another, which is its parent for the program."""
        if not self.served:
            return
        self.served, self.how = False, "forkserver"
        streams = [name[:-5] for name in system.listdir(self.folder) if name.endswith(".defs")]
        parents = [name for name in streams if name.startswith(f"{parent}-")]
        self.parent = max(parents, key=origins.start_of, default=self.parent)
        self.sink.process(ppid=parent, parent=self.parent, how=self.how)


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
        if hasattr(module, "watch"):
            active.watches.append(module.watch)
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
        mark = costs.begin()
        for module in reversed(list(active.features.values())):
            getattr(module, "before_fork", _nothing)()
        for file in (active.sink, active.ring):
            getattr(file, "hold", _nothing)()
        costs.end(mark)


def _after_fork_parent() -> None:
    active = session
    if active is not None:
        mark = costs.begin()
        for file in (active.sink, active.ring):
            getattr(file, "resume", _nothing)()
        for module in list(active.features.values()):
            step = getattr(module, "after_fork_parent", None)
            if step is not None:
                step()
        active.count_fork()
        costs.end(mark)


def _after_fork_child() -> None:
    global session
    active = session
    if active is None:
        return
    begun = costs.own_time()
    costs.reset()
    active.leave_parents()
    active.parent, active.how, active.closed = active.stream, "fork", False
    # Of what the fork server has forked, the program is told as the parent as soon as that is known.
    active.served, active.service = active.service, False
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
    for module in list(active.features.values()):
        step = getattr(module, "after_fork_child", None)
        if step is not None:
            step(active)
    costs.forked(costs.own_time() - begun)
    active.ring.set_overhead(costs.measured())


def _number(text: Optional[str], default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default
