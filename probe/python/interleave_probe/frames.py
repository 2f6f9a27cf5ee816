"""The innermost frames of all threads, where asking for them is safe."""

from __future__ import annotations

import sys
import time
from itertools import chain, islice, tee
from types import FrameType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, Optional

    from .recorded import Session


# The native core's own way: only threads of this interpreter, and no audit hook of the program is called.
_walk: Optional[Callable[[], Dict[int, FrameType]]] = None


# Since 3.14 concurrent.futures loads `_interpreters` just to see whether it is there. Nobody else has done so while as many
# refer to it as then; 0: somebody has, LOADING: not yet.
_references = 0
LOADING = -1


def use(session: "Session") -> None:
    """Takes the native core's way, where it has one."""
    global _walk, _references
    _walk = getattr(session.native, "current_frames", None)
    _references = 0
    for maker in _MAKERS:
        if maker != "_interpreters" or sys.version_info < (3, 14):
            session.patches.on_import(maker, lambda _: session.say_blind(UNSEEN))
    if _walk is None and sys.version_info >= (3, 14) and "_interpreters" not in sys.modules:
        session.patches.on_import("_interpreters", _loaded)
        session.patches.on_import("concurrent.futures", _looked)


def _loaded(_: ModuleType) -> None:
    global _references
    frame: Optional[FrameType] = sys._getframe(1)
    # What imports, and ours.
    while frame is not None and frame.f_code.co_filename.startswith("<frozen"):
        frame = frame.f_back
    if frame is not None and frame.f_globals.get("__name__") == "concurrent.futures":
        _references = LOADING


def _looked(_: ModuleType) -> None:
    global _references
    if _references == LOADING:
        _references = _count()


def _count() -> int:
    interpreters = sys.modules["_interpreters"]
    return sys.getrefcount(interpreters) + sys.getrefcount(vars(interpreters).get("create"))


def _makes_none() -> bool:
    return _references == LOADING or _count() <= _references


def current() -> Dict[int, FrameType]:
    """Thread -> frame. Clear the dict before anything that may give the GIL away.

    Empty where sub-interpreters may live, whose threads may run under a GIL of their own: `sys._current_frames` walks
    them too, and crashes when they move meanwhile.
    """
    if _walk is not None:
        return _walk()
    return sys._current_frames() if safe() else {}


def safe() -> bool:
    """False once the program has loaded what makes sub-interpreters, unless the native core walks the threads.

    Whether one lives cannot be asked: the answer keeps those that live alive, and ends in the asking thread those that
    the program lets go meanwhile.
    """
    if _walk is not None:
        return True
    # None stands for a module that a program does without.
    loaded = [maker for maker in _MAKERS if sys.modules.get(maker) is not None]
    return not loaded or (loaded == ["_interpreters"] and _makes_none())


# The last two are what CPython's own tests make them with, up to 3.12 and since then.
_MAKERS = (
    "_interpreters",
    "concurrent.interpreters",
    "_xxsubinterpreters",
    "_testcapi",
    "_testinternalcapi",
)
UNSEEN = "What code does inside of sub-interpreters is not seen."


# Taken early: programs put clocks of their own into `time`.
_clock_of = getattr(time, "pthread_getcpuclockid", None)


def clocks() -> Dict[int, int]:
    """Thread -> id of the clock of its CPU time, of all threads; empty where there are none or it is not safe to ask.

    Asking for the clock of a thread that has ended may crash, and one may end whenever the GIL is given away, which
    happens between any two steps of Python: all of this is one call of C. Who is in the interpreter's list cannot end.
    """
    if _clock_of is None or not safe():
        return {}
    once = islice(iter(_walk or sys._current_frames, None), 1)
    threads, again = tee(chain.from_iterable(once))
    try:
        return dict(zip(threads, map(_clock_of, again)))
    except OSError:
        return {}
