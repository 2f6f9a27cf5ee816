"""Names of what processes share where the system's handles are none: on Windows each process has numbers of its own for them.

Who gives a handle to another process writes into a file beside the recording which number it has there and what it is; who
gets one looks it up. The program sees nothing of it.
"""

from __future__ import annotations

import os
import sys
from _weakref import ref
from itertools import count

from . import files
from .files import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

    from .recorded import Session

# Where this is needed.
HERE = sys.platform == "win32"
_MOST_BYTES = 1 << 20

_serial = count(1).__next__
# id(connection) -> (weak reference, number of its pipe)
_numbers: Dict[int, Tuple[Any, int]] = {}


def give(session: "Session", pid: int, handle: int, what: str) -> None:
    """`handle` of the process `pid` is this, from now on."""
    path = _file(session, pid)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | files.FLAGS
    try:
        fd = system.open(path, flags, 0o600)
    except OSError as error:
        if not files.own(error):
            raise
        return
    try:
        system.write(fd, f"{handle} {what}\n".encode())
    except OSError as error:
        if not files.own(error):
            raise
    finally:
        system.close(fd)


def given(session: "Session", pid: int, handle: int) -> str:
    """What a handle of the process `pid` was said to be last, empty when nobody has said so."""
    try:
        fd = system.open(_file(session, pid), os.O_RDONLY | files.FLAGS, 0o600)
    except OSError as error:
        if not files.own(error):
            raise
        return ""
    try:
        lines = system.read(fd, _MOST_BYTES).decode("utf-8", "replace").split("\n")
    finally:
        system.close(fd)
    for line in reversed(lines):
        number, _, what = line.partition(" ")
        if number == str(handle):
            return what
    return ""


def _file(session: "Session", pid: int) -> str:
    return os.path.join(session.folder, f"{pid}.handles")


def new_number(session: "Session") -> int:
    """A number that no other pipe of the recording has."""
    return (session.pid << 24) + _serial()


def number_of(session: "Session", connection: Any) -> int:
    """The number of the pipe that a connection is one end of."""
    entry = _numbers.get(id(connection))
    if entry is not None and entry[0]() is connection:
        return entry[1]
    return name(connection, new_number(session))


def name(connection: Any, number: int) -> int:
    """Says which pipe a connection is one end of."""
    if len(_numbers) > 4096:
        for address, (weak, _) in list(_numbers.items()):
            if weak() is None:
                del _numbers[address]
    _numbers[id(connection)] = (ref(connection), number)
    return number
