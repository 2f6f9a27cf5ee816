"""One recorded process: its stream of records and definitions, and what it says of itself."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from . import actors, costs, files, native, objects, origins, sink, waits
from .clock import monotonic_ns, time_ns
from .files import own, system
from .kinds import RECORD_BYTES, RING_HEADER_BYTES
from .patch import Patches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    from .ring import Ring

_SMALLEST = 256 << 10
_DEFAULT_BUDGET = 256 << 20
# What a process that has little to say uses of it.
_LEAST_USED = 1 << 20
# What a few children have used is known well enough.
_FIRST_LOOK = 8
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
        # What the features do at each look of the watcher, before a fork, after it in the parent and in the child.
        self.watches: List[Callable[[int, object], None]] = []
        self.before_forks: List[Callable[[], None]] = []
        self.after_forks: List[Callable[[], None]] = []
        self.after_forks_here: List[Callable[[Session], None]] = []
        self.steps: Dict[str, List[Callable[..., None]]] = {
            "watch": self.watches,
            "before_fork": self.before_forks,
            "after_fork_parent": self.after_forks,
            "after_fork_child": self.after_forks_here,
        }
        self._tables: List[Any] = []
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
        self._forks = 0
        self._used = self._records_seen = 0
        self._forks_since = 0
        self._append = getattr(self.native, "append", None) or files.quiet_append()
        # A forked child says the same.
        self._program = sink.members(
            {
                "runtime": "python",
                "version": ".".join(map(str, sys.version_info[:3])),
                "executable": sys.executable or "",
                "argv": origins.argv(),
                "core": self.core,
                "detail": "full" if self.full else "default",
                "gil": origins.has_gil(),
                "cores": os.cpu_count() or 1,
            }
        )
        # The native core's rings know of forks by themselves.
        self.holds_ring = not hasattr(self.lock_core, "Ring")
        self.ring: Ring
        self.sink: sink.Sink
        self.open()

    def open(self) -> None:
        """Opens this process's stream. Raises OSError when the folder cannot be written."""
        self.pid = system.getpid()
        self.started = monotonic_ns()
        self.stream = f"{self.pid}-{self.started:x}"
        base = f"{self.folder}{os.sep}{self.stream}"
        if not self.how:
            self._look_around()
        limit = max(1, (self._room() - RING_HEADER_BYTES) // RECORD_BYTES)
        self.sink = sink.Sink(base + ".defs", self.budget // 8, self._append, self._program)
        self.sink.process(
            pid=self.pid,
            ppid=system.getppid(),
            blind=list(self.blind),
            switchInterval=sys.getswitchinterval(),
            parent=self.parent,
            how=self.how,
            service=self.service or None,
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

    def empties(self, *tables: Any) -> None:
        """In a forked child these are empty: dictionaries and lists of what a process knows for itself, never another object."""
        self._tables += tables

    def leave_parents(self) -> None:
        """In a forked child: nothing more is written into the parent's stream, and what the parent knew is forgotten."""
        self._used += self._written_since()
        self._records_seen = 0
        # A chain of forks is counted as well as those of one process.
        self._forks += 1
        self._forks_since += 1
        self.ring.abandon()
        self.sink.close()
        self._parents += (self.ring, self.sink, objects.reset())
        if hasattr(self.native, "empty"):  # without a page of an empty one touched
            self.native.empty(self._tables)  # type: ignore[attr-defined]
        else:
            for table in self._tables:
                if table:
                    table.clear()
        self.parent, self.how, self.closed = self.stream, "fork", False
        # Of what the fork server has forked, the program is told as the parent as soon as that is known.
        self.served, self.service = self.service, False
        self.partly = []

    def _room(self) -> int:
        """Bytes this ring may grow to: a quarter of what the budget leaves, never below the smallest."""
        used = self._used + self._forks_since * _LEAST_USED
        return max(_SMALLEST, (self.budget - used) // 4)

    def _written_since(self) -> int:
        """Bytes of records of this process, or its parent's, that no look at the files has seen; of a full ring at most its room."""
        records = self.ring.head - self._records_seen if hasattr(self, "ring") else 0
        return min(records * RECORD_BYTES, self.budget // 4)

    def count_fork(self) -> None:
        """After each fork, as what looks at files lets other threads run, the main one to its end perhaps, between a fork's
        check and the fork. Looks at what all have used only now and then, so that a thousand children look ten times."""
        self._forks += 1
        self._forks_since += 1
        if self._forks >= _FIRST_LOOK and self._forks & (self._forks - 1) == 0:
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
        self._records_seen = self.ring.head if hasattr(self, "ring") else 0
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


def _number(text: Optional[str], default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default
