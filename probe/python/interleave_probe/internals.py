"""Which code is the standard library's own: its locks are not the program's."""

from __future__ import annotations

import os
from types import CodeType, FrameType

from . import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Set

# What a lock taken by some code is: the program's, a part of something the library made, or not to be recorded at all.
PROGRAM = 0
INTERNAL = 1
HIDDEN = 2

_LIBRARY = os.path.dirname(os.__file__) + os.sep
# Their locks carry waits of the program (a queue's mutex) or nothing at all (a thread's own lock).
_FILES = {"queue.py": INTERNAL, "_pydatetime.py": INTERNAL}
_FOLDERS = ("logging", "concurrent", "asyncio", "multiprocessing", "importlib")
_HIDDEN_FILES = (
    "weakref.py",
    "_weakrefset.py",
    "tempfile.py",
    "random.py",
    "functools.py",
    "linecache.py",
)
_THREADING = _LIBRARY + "threading.py"
# First lines of Thread.__init__ and its kin: their events are nobody's business.
_threads: Set[int] = set()
_cache: Dict[int, int] = {}
_kept: Dict[int, CodeType] = {}
_PASS = -1


def role(frame: Optional[FrameType]) -> int:
    """PROGRAM, INTERNAL or HIDDEN: what a lock operation in this frame is part of."""
    while frame is not None:
        code = frame.f_code
        found = _cache.get(id(code))
        if found is None:
            found = _judge(code)
            if len(_kept) < 50_000:
                _kept[id(code)] = code
                _cache[id(code)] = found
        if found != _PASS:
            return found
        frame = frame.f_back
    return PROGRAM


def learn(threading: Any) -> None:
    """Notes which constructors of `threading` make threads."""
    for name in ("Thread", "Timer", "_MainThread", "_DummyThread"):
        _threads.add(getattr(threading, name).__init__.__code__.co_firstlineno)


def creator(frame: Optional[FrameType]) -> int:
    """The same for the making of a lock: what the constructors of `threading` make is their caller's."""
    while frame is not None and _makes(frame.f_code):
        frame = frame.f_back
    return role(frame)


def _makes(code: CodeType) -> bool:
    return (
        code.co_filename == _THREADING
        and code.co_name in ("__init__", "RLock")
        and code.co_firstlineno not in _threads
    )


def _judge(code: CodeType) -> int:
    file = code.co_filename
    if file.startswith(files.OURS):
        return HIDDEN
    if file.startswith("<frozen importlib"):
        return HIDDEN
    if not file.startswith(_LIBRARY):
        return PROGRAM
    rest = file[len(_LIBRARY) :].replace(os.sep, "/")
    if rest.startswith(("site-packages/", "dist-packages/", "test/")):
        return PROGRAM
    if rest == "threading.py":
        name = code.co_name
        # These take the program's own lock for it, so the caller decides.
        if name in ("__enter__", "__exit__", "_release_save", "_acquire_restore"):
            return _PASS
        # The waiter locks, start-up events and end-of-thread locks are no locks of the program's.
        if name in (
            "wait",
            "notify",
            "_wait_for_tstate_lock",
            "_set_tstate_lock",
            "_shutdown",
            "_stop",
            "_is_owned",
        ):
            return HIDDEN
        if code.co_firstlineno in _threads:
            return HIDDEN
        if name in (
            "start",
            "_bootstrap_inner",
            "_delete",
            "enumerate",
            "active_count",
            "_maintain_shutdown_locks",
        ):
            return HIDDEN
        return INTERNAL
    if rest in _HIDDEN_FILES:
        return HIDDEN
    if rest in _FILES:
        return _FILES[rest]
    if rest.split("/", 1)[0] in _FOLDERS:
        return INTERNAL
    return PROGRAM
