"""How this process came to be, by its command line, and which of its interpreters this is."""

from __future__ import annotations

import _signal
import _thread
import sys

from .files import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def has_gil() -> bool:
    """False on free-threaded builds that run without the GIL."""
    enabled = getattr(sys, "_is_gil_enabled", None)
    return enabled is None or bool(enabled())


def start_of(stream: str) -> int:
    """When the process of a stream began, as the stream's name says it."""
    return int(stream.rpartition("-")[2] or "0", 16)


def way() -> str:
    """How a child of a recorded process was started, read from its command line."""
    return "spawn" if "--multiprocessing-fork" in argv() else "subprocess"


def is_service() -> bool:
    """Whether the command line is that of a helper of multiprocessing's own."""
    line = argv()
    code = line[line.index("-c") + 1] if "-c" in line[:-1] else ""
    return any(
        f"from multiprocessing.{name} import main;" in code
        for name in ("resource_tracker", "forkserver")
    )


def argv() -> List[str]:
    """The command line; `sys.argv` does not exist yet while `site` runs."""
    original = getattr(sys, "orig_argv", None)
    if original is not None:
        return list(original)
    try:
        with open("/proc/self/cmdline", "rb") as line:
            return [part.decode("utf-8", "replace") for part in line.read().split(b"\0")[:-1]]
    except OSError:
        return list(getattr(sys, "argv", []))


def main_interpreter() -> bool:
    """False in a sub-interpreter: `site` runs there too, but its threads must all end before it does."""
    known = getattr(_thread, "_ismain_interpreter", None)
    if known is not None:
        return bool(known())
    try:
        # Changes nothing, and is refused outside of the main interpreter's main thread.
        _signal.signal(_signal.SIGTERM, _signal.getsignal(_signal.SIGTERM))
    except (ValueError, TypeError) as error:
        if not own(error):
            raise
        return False
    return True
