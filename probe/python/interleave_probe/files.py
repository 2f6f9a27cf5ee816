"""Opens and maps the recording's files without keeping a descriptor: the program and its children may count theirs."""

from __future__ import annotations

import os
import sys
from _thread import RLock

from . import types_edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap

    system = os
    from typing import Callable, Optional, Tuple
else:
    # What `os` is made of: programs, and their tests above all, put other functions into `os` itself.
    system = sys.modules.get("posix") or sys.modules["nt"]

# What the file names of the probe's own code begin with: a folder, or what the loader makes of it so that debuggers and
# measurers of coverage take it for a part of the interpreter.
OURS = (lambda: None).__code__.co_filename.rpartition("files.py")[0]
# What every file of the recording is opened with.
FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def own(error: BaseException) -> bool:
    """True when the builtin called in the catching frame failed itself; False when a signal handler raised in it."""
    traceback = error.__traceback__
    return traceback is None or traceback.tb_next is None


# Windows's C library looks for the end of a file first and writes then: of two threads that append one would write over what
# the other has written. One that is interrupted by itself may go on.
_one_by_one = RLock()
_enter, _leave = _one_by_one.acquire, _one_by_one.release


def append_alone(path: bytes, data: bytes) -> int:
    """The same as `append`, one thread at a time."""
    _enter()
    try:
        return append(path, data)
    finally:
        _leave()


def append(path: bytes, data: bytes) -> int:
    """Writes to the end of a file: how many bytes it took, -1 when it could not be opened.

    Opened for each time, 1 µs more than to keep it: programs and their children count their descriptors.
    """
    try:
        fd = system.open(path, os.O_WRONLY | os.O_APPEND | FLAGS, 0o600)
    except OSError as error:
        if not own(error):
            raise
        return -1
    try:
        return system.write(fd, data)
    except OSError as error:
        if not own(error):
            raise
        return 0
    finally:
        system.close(fd)


def exists(path: str) -> bool:
    """Whether there is such a file."""
    try:
        system.stat(path)
    except OSError as error:
        if not own(error):
            raise
        return False
    return True


def contents(path: str) -> bytes:
    """What is in a file, without a file object: programs replace `open`, and forbid its objects' methods in event loops."""
    fd = system.open(path, os.O_RDONLY | FLAGS)
    try:
        parts = [system.read(fd, 1 << 16)]
        while parts[-1]:
            parts.append(system.read(fd, 1 << 16))
    finally:
        system.close(fd)
    return b"".join(parts)


def quiet_append() -> Callable[[bytes, bytes], int]:
    """The same without giving the GIL away: other threads need not run in the middle of a hook, and be seen by it."""
    global _quiet
    if _quiet is None:
        _quiet = _make_quiet()
    return _quiet


_quiet: Optional[Callable[[bytes, bytes], int]] = None


def _make_quiet() -> Callable[[bytes, bytes], int]:
    if sys.platform == "win32":
        return append_alone
    if sys.implementation.name != "cpython":
        return append
    try:
        open_file = types_edit.library_function("open", "zi", "i")
        write = types_edit.library_function("write", "izL", "l")
        close = types_edit.library_function("close", "i", "i")
    except Exception:
        return append
    flags = os.O_WRONLY | os.O_APPEND | FLAGS

    def appended(path: bytes, data: bytes) -> int:
        try:
            fd: int = open_file(path, flags)
        except Exception as error:
            # Where the stack is nearly full, what the program would be told by this name it must not be by another.
            if "RecursionError" in str(error):
                raise RecursionError("maximum recursion depth exceeded") from None
            raise
        if fd < 0:
            return -1
        try:
            return max(0, int(write(fd, data, len(data))))
        finally:
            close(fd)

    return appended


def identity(fd: int) -> Optional[Tuple[int, int]]:
    """Device and inode behind a descriptor, None when it is closed."""
    try:
        status = system.fstat(fd)
    except OSError as error:
        if not own(error):
            raise
        return None
    return (status.st_dev, status.st_ino)


def map_file(fd: int, size: int) -> Tuple[mmap.mmap, bool]:
    """The mapped file, and whether it is pinned: such a map must never be closed, and stays until the process ends.

    Before 3.13 a map keeps a duplicate of the descriptor and closes it when it dies. That is closed here at once, and
    the map is never let die, lest it close what the program has under that number by then.
    """
    import mmap

    if sys.platform == "win32":  # keeps a handle, which is no descriptor
        return mmap.mmap(fd, size), False
    if sys.version_info >= (3, 13):
        return mmap.mmap(fd, size, trackfd=False), False
    # A duplicate takes the lowest free number: the next one to be made, if no other thread is quicker.
    number = system.dup(fd)
    system.close(number)
    mapped = mmap.mmap(fd, size)
    if number != fd and identity(number) == identity(fd) and types_edit.keep_alive(mapped):
        system.close(number)
        return mapped, True
    return mapped, False
