"""Processes: who starts which, who waits for one to end, and how it ended."""

from __future__ import annotations

import sys
from types import ModuleType

from . import account, actors, edits, objects, process_pipes, process_waits, threads, waits
from .around import Around, milliseconds
from .kinds import (
    KIND_PROCESS_END,
    KIND_PROCESS_START,
    OWNER_PROCESS,
    RESULT_DONE,
    RESULT_TIMEOUT,
    START_FORK,
    START_FORKSERVER,
    START_SPAWN,
    START_SUBPROCESS,
    WAIT_PROCESS_JOIN,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

METHODS = {"fork": START_FORK, "spawn": START_SPAWN, "forkserver": START_FORKSERVER}
# Of one process, about what cannot be seen of it: a program may start thousands of others.
_MOST_SENTENCES = 20

session: Any = None
# What there is of this part now: the rest is for programs that import multiprocessing.
_parts: List[Any] = []
_watches: List[Any] = []
_after_forks: List[Any] = []
_after_forks_here: List[Any] = []
# Children whose end has been told.
_ended: Dict[int, bool] = {}


def install(active: Any) -> None:
    global session
    session = active
    active.empties(_ended)
    patches = active.patches
    _add(process_waits, process_pipes)
    patches.on_import("multiprocessing.process", _patch_process)
    for method in METHODS:
        patches.on_import(f"multiprocessing.popen_{method}", _patch_popen)
    patches.on_import("subprocess", _patch_subprocess)


def _add(*parts: Any) -> None:
    for part in parts:
        _parts.append(part)
        for moment, steps in (
            ("watch", _watches),
            ("after_fork_parent", _after_forks),
            ("after_fork_child", _after_forks_here),
        ):
            if hasattr(part, moment):
                steps.append(getattr(part, moment))
        part.install(session)


def uninstall() -> None:
    global session
    session = None
    for steps in (_watches, _after_forks, _after_forks_here):
        steps.clear()
    while _parts:
        _parts.pop().uninstall()
    _ended.clear()


def after_fork_child(active: Any) -> None:
    for step in _after_forks_here:
        step(active)


def after_fork_parent() -> None:
    for step in _after_forks:
        step()


@edits.quiet
def watch(now: int, frames: Any) -> None:
    for look in list(_watches):
        look(now, frames)


def effort() -> Tuple[int, int]:
    """Notes of reads and writes, and operations of semaphores, that Python code has made so far."""
    notes = operations = 0
    for part in _parts:
        notes += getattr(part, "notes", _none)()
        operations += getattr(part, "operations", _none)()
    return notes, operations


def _none() -> int:
    return 0


def _patch_process(module: ModuleType) -> None:
    from . import process_io, process_locks

    if session is None:
        return
    _add(process_locks, process_io)
    session.patches.on_import("multiprocessing.pool", _patch_pool)
    process: Any = module.BaseProcess
    hooks = {"started": _started, "joining": Joining, "named": _named, "leaving": _leaving}
    edits.edit(
        process._bootstrap, [("_current_process = self", "after", "_interleave_named(self)")], hooks
    )
    edits.edit(
        process._bootstrap,
        [("util._flush_std_streams()", "before", "_interleave_leaving()")],
        hooks,
    )
    edits.edit(
        process._bootstrap,
        [("traceback.print_exc()", "before", "_interleave_failed()")],
        {"failed": threads.failed},
    )
    edits.edit(
        process.start,
        [("self._sentinel = self._popen.sentinel", "before", "_interleave_started(self._popen)")],
        hooks,
    )
    edits.edit(
        process.join,
        [("res = self._popen.wait(timeout)", "with", "_interleave_joining(self._popen, timeout)")],
        hooks,
    )
    parent: Any = getattr(module, "_ParentProcess", None)
    if parent is not None:
        joined = "wait([self._sentinel], timeout=timeout)"
        edits.edit(
            parent.join,
            [(joined, "with", "_interleave_outlasting(self, timeout)")],
            {"outlasting": JoiningParent},
        )


def _patch_pool(_: ModuleType) -> None:
    # Many programs have processes, few such pools.
    from . import process_pools

    if session is not None:
        _add(process_pools)


def _patch_popen(module: ModuleType) -> None:
    popen: Any = module.Popen
    poll = vars(popen).get("poll")
    if poll is not None:
        edits.edit(
            poll,
            [("self.returncode = ", "after", "_interleave_ended(self)")],
            {"ended": _process_ended},
        )


def _patch_subprocess(module: ModuleType) -> None:
    popen: Any = module.Popen
    hooks = {
        "spawned": _spawned,
        "joining": Joining,
        "ended": _process_ended,
        "reading": process_waits.Reading,
    }
    edits.edit(
        popen.__init__,
        [("self._execute_child(", "after", "_interleave_spawned(self, executable, env)")],
        hooks,
    )
    edits.edit(
        popen.wait,
        [("return self._wait(timeout=timeout)", "with", "_interleave_joining(self, timeout)")],
        hooks,
    )
    edits.edit(
        popen.communicate,
        [
            (f"{name} = self.{name}.read()", "with", "_interleave_reading(self)")
            for name in ("stdout", "stderr")
        ],
        hooks,
    )
    # Both loops over pipes, of Windows and of the others, are in the source; the one that is there fits.
    # Since 3.15 the loop is a function of its own, which does not know the process.
    left = "None if endtime is None else endtime - _time()"
    edits.edit_any(
        popen._communicate,
        [
            [("ready = selector.select(timeout)", "with", "_interleave_reading(self, timeout)")],
            [("= _communicate_io_posix(", "with", f"_interleave_reading(self, {left})")],
        ],
        hooks,
    )
    ended = getattr(popen, "_handle_exitstatus", None)
    if ended is not None:
        edits.edit(ended, [("self.returncode = ", "after", "_interleave_ended(self)")], hooks)


def _named(process: Any) -> None:
    """In the child: the name the program knows it by."""
    name = getattr(process, "_name", None)
    if session is not None:
        parent = getattr(process, "_parent_pid", None)
        if type(parent) is int:
            session.served_for(parent)
        if type(name) is str:
            session.sink.process(name=name)


@edits.quiet
def _leaving() -> None:
    """A child has done its work: one that was forked ends without a word from here."""
    if session is not None and not session.closed:
        account.last_numbers(session)


def _started(popen: Any) -> None:
    if session is not None:
        _say_start(popen.pid, METHODS.get(getattr(popen, "method", ""), START_SPAWN))


def _spawned(popen: Any, executable: Any, env: Any) -> None:
    if session is not None and getattr(popen, "pid", None):
        _say_start(popen.pid, START_SUBPROCESS)
        process_pipes.started[popen.pid] = True
        objects.forget_oldest(process_pipes.started, 64)
        sentence = unfollowed(popen.args, executable, env)
        if sentence is not None and len(session.blind) < _MOST_SENTENCES:
            session.say_blind(sentence)


def unfollowed(args: Any, executable: Any, env: Any) -> Optional[str]:
    """Why the probe will not be in a child that is a Python; None when it will be, or nobody can tell."""
    if type(args) not in (list, tuple) or type(env) not in (dict, type(None)):
        return None
    words = [word for word in map(_text, args) if word is not None]
    program = _text(executable) or (words[0] if words else "")
    if len(words) != len(args) or not _is_python(program):
        return None
    if env is not None and not any(_text(key) == "INTERLEAVE_RECORDING" for key in env):
        why = "it was given an environment without INTERLEAVE_RECORDING and PYTHONPATH"
    elif _isolated(words[1:]):
        why = "-I, -E and -S keep the probe out"
    else:
        return None
    command = " ".join(words)
    return f"A child process ({command if len(command) < 80 else command[:79] + '…'}) was not followed: {why}."


def _text(word: Any) -> Optional[str]:
    if type(word) is bytes:
        return word.decode("utf-8", "replace")
    if type(word) is str:
        return word
    # Paths alone among what may run code of the program's when asked for their text.
    if type(word).__module__.partition(".")[0] == "pathlib":
        return str(word)
    return None


def _is_python(program: str) -> bool:
    """Whether a program is named like an interpreter of Python."""
    name = program.replace("\\", "/").rpartition("/")[2].lower()
    name = name[:-4] if name.endswith(".exe") else name
    return name.rstrip("0123456789.tw") in ("python", "pypy", "py")


def _isolated(words: List[str]) -> bool:
    """Whether options of the interpreter, before its script, are among those that keep `site` or the environment out."""
    words = list(words)
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word.startswith("--") or word == "-":
            return False
        for index, letter in enumerate(word[1:], 1):
            if letter in "IES":
                return True
            if letter in "cm":
                return False
            if letter in "WX":  # with a value, which may be the next word
                if index == len(word) - 1 and words:
                    words.pop(0)
                break
    return False


def _say_start(pid: int, how: int) -> None:
    _ended.pop(pid, None)
    stack = session.sink.stack(sys._getframe(3))
    session.ring.emit(KIND_PROCESS_START, how, actors.current(), pid, stack, 0)


def _process_ended(popen: Any) -> None:
    code = popen.returncode
    if session is None or code is None or type(code) is not int or popen.pid in _ended:
        return
    process_pipes.started.pop(popen.pid, None)
    _ended[popen.pid] = True
    objects.forget_oldest(_ended, 4096)
    session.ring.emit(KIND_PROCESS_END, 0, actors.current(), popen.pid, code & 0xFFFF_FFFF, 0)


class Joining(Around):
    """Around the line that waits for a process to end."""

    __slots__ = ("_popen",)

    def __init__(self, popen: Any, timeout: Optional[float]) -> None:
        self._popen = popen
        self.token = 0
        if (
            session is None
            or popen.returncode is not None
            or (timeout is not None and not timeout > 0)
        ):
            return
        owners: List[Tuple[int, int, int]] = [(OWNER_PROCESS, popen.pid, 0)]
        self.token = waits.begin(
            WAIT_PROCESS_JOIN,
            0,
            session.sink.stack(sys._getframe(1)),
            milliseconds(timeout),
            owners=lambda _: owners,
        )

    def result(self) -> int:
        return RESULT_DONE if self._popen.returncode is not None else RESULT_TIMEOUT


class JoiningParent(Joining):
    """Around the line that waits for the parent to end: it is no child, and nobody learns its exit code."""

    __slots__ = ()

    def __init__(self, parent: Any, timeout: Optional[float]) -> None:
        super().__init__(_Parent(parent), timeout)

    def result(self) -> int:
        return RESULT_DONE


class _Parent:
    __slots__ = ("pid", "returncode")

    def __init__(self, parent: Any) -> None:
        self.pid = parent._pid
        self.returncode = None
