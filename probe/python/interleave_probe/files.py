"""Opens the recording's files and keeps their descriptors out of the program's way."""

import os

try:
    import fcntl
except ImportError:  # Windows has no fcntl; there low numbers are not shared with children anyway
    fcntl = None  # type: ignore[assignment]

# Above what programs count, compare or close one by one (often 256), and below the usual soft limits.
_FIRST = 300


def own(error: BaseException) -> bool:
    """True when the builtin called in the catching frame failed itself; False when a signal handler raised in it."""
    traceback = error.__traceback__
    return traceback is None or traceback.tb_next is None


def lift(fd: int) -> int:
    """Moves a descriptor to a high number, closed on exec. Gives the new one, or the old one where that fails."""
    if fcntl is None or fd >= _FIRST:
        return fd
    try:
        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST)
    except (OSError, ValueError, AttributeError) as error:
        if not own(error):
            raise
        return fd
    os.close(fd)
    return high


def open_high(path: str, flags: int, mode: int = 0o600) -> int:
    """Opens a file at a high descriptor."""
    return lift(os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), mode))


def identity(fd: int) -> "tuple[int, int] | None":
    """Device and inode behind a descriptor, None when it is closed."""
    try:
        status = os.fstat(fd)
    except OSError as error:
        if not own(error):
            raise
        return None
    return (status.st_dev, status.st_ino)


def occupy() -> "list[int]":
    """Takes the free low descriptors, so that the next one comes out high. Close what it gives at once.

    `mmap` duplicates the descriptor it is given to the lowest free number and keeps it.
    """
    taken: "list[int]" = []
    if fcntl is None:
        return taken
    try:
        fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        taken.append(fd)
        while fd < _FIRST and len(taken) <= _FIRST:
            fd = os.dup(fd)
            taken.append(fd)
    except OSError as error:
        if not own(error):
            raise
    return taken


def release(fds: "list[int]") -> None:
    """Closes what `occupy` took."""
    for fd in fds:
        os.close(fd)
