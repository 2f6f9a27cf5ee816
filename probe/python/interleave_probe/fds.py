"""What Linux says of processes: in which call of the system a thread stands, which ends of which pipes a process has."""

from __future__ import annotations

from .files import contents, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple

MOST_FILES = 256
MOST_PROCESSES = 1000
NONE = -1


def call_number(thread: str) -> int:
    """Number of the call that a thread, as its place in /proc, stands in; -1 when it runs, or nobody says."""
    try:
        return int(contents(f"/proc/{thread}/syscall").split()[0])
    except (OSError, ValueError, IndexError):
        return NONE


def call(thread: str, numbers: "Tuple[int, ...]") -> "Tuple[bytes, int]":
    """(the call with all its arguments, its first one) when it is one of these, else -1 for the argument."""
    try:
        text = contents(f"/proc/{thread}/syscall")
        words = text.split()
        if int(words[0]) in numbers:
            return text, int(words[1], 16)
    except (OSError, ValueError, IndexError):
        pass
    return b"", NONE


def pipe_at(process: str, number: int) -> str:
    """`pipe:[4711]` where this descriptor is a pipe."""
    try:
        name = system.readlink(f"/proc/{process}/fd/{number}")
    except OSError:
        return ""
    return name if name.startswith("pipe:") else ""


def end_of(process: str, pipe: str, reads: bool) -> int:
    """Descriptor of the end of a pipe that a process can read from, or write to; -1 when it has none.

    One that lives and does not say, or has too many to look at, may well have it: 0, unless it is this one.
    """
    unknown = NONE if process == "self" else 0
    try:
        numbers = system.listdir(f"/proc/{process}/fd")
    except FileNotFoundError:
        return NONE
    except OSError:
        return unknown
    if len(numbers) > MOST_FILES:
        return unknown
    # The lowest two bits of the flags: 0 for reading alone, 1 for writing alone.
    other = 1 if reads else 0
    for number in numbers:
        try:
            if system.readlink(f"/proc/{process}/fd/{number}") != pipe:
                continue
            for line in contents(f"/proc/{process}/fdinfo/{number}").splitlines():
                if line.startswith(b"flags:") and int(line.split()[1], 8) & 3 != other:
                    return int(number)
        except (OSError, ValueError, IndexError):
            continue
    return NONE


def family(pid: int) -> "Optional[List[int]]":
    """All processes that come from one, by what the system says of everybody's parents; None when it says nothing."""
    children: "Dict[int, List[int]]" = {}
    try:
        entries = system.listdir("/proc")
    except OSError:  # no descriptor is left, for one
        return None
    for entry in entries:
        if not entry.isdigit():
            continue
        try:
            rest = contents(f"/proc/{entry}/stat").rpartition(b")")[2].split()
            children.setdefault(int(rest[1]), []).append(int(entry))
        except (OSError, ValueError, IndexError):
            continue
    found: List[int] = []
    open_ones = [pid]
    while open_ones and len(found) < MOST_PROCESSES:
        more = children.get(open_ones.pop(), [])
        found += more
        open_ones += more
    return found
