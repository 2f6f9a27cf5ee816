"""The ring of records of one process: a mapped file, one atomic position counter, 32 bytes a record."""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident
from itertools import count
from struct import Struct
from struct import error as OutOfRange

from . import files
from .clock import monotonic_ns
from .files import system
from .kinds import RECORD_BYTES, RECORDING_VERSION, RING_HEADER_BYTES, RING_MAGIC
from .origins import has_gil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Set

_HEADER = Struct("<8sIIQQQQQQQ")
_RECORD = Struct("<BBHIQIIII")
_pack = _RECORD.pack_into
_U64 = Struct("<Q")
_OFFSET_CAPACITY, _OFFSET_HEAD, _OFFSET_CLOSED, _OFFSET_OVERHEAD, _OFFSET_DROPPED = (
    32,
    40,
    48,
    56,
    64,
)
_FIRST_STEP = 1 << 18
_STEP = 1 << 20
_AHEAD = 4096
_SEQ = (1 << 32) - 1
_MASK = 0xFFFF_FFFF
_ZEROS = bytes(1 << 16)
# Windows has no holes in files: as much is mapped as there is room for, and mapped anew when there is more.
REMAPS = sys.platform == "win32"
_MOST_AT_ONCE = 1 << 17


class _LockedCount:
    """What `itertools.count` is under the GIL, for builds that run without it."""

    def __init__(self) -> None:
        self._next = 0
        lock = allocate_lock()
        self._acquire, self._release = lock.acquire, lock.release

    def __next__(self) -> int:
        self._acquire()
        value = self._next
        self._next = value + 1
        self._release()
        return value

    def __repr__(self) -> str:
        return f"count({self._next})"


class Ring:
    """Writes records; every method may be called by any thread, by signal handlers and by finalizers.

    `limit` is the most records the file may ever hold. Space is allocated for real, step by step, before it is
    written, so a full disk ends the growth and never raises SIGBUS.
    """

    def __init__(self, path: str, limit: int, pid: int, started: int) -> None:
        self.path = path
        self.lost = 0
        # Threads that are about to fork: several may be at once.
        self._forking: Set[int] = set()
        self._limit = max(limit, 1)
        self._remaps = REMAPS and has_gil()
        if REMAPS and not self._remaps:  # other threads may be in the middle of a record
            self._limit = min(self._limit, _MOST_AT_ONCE)
        size = RING_HEADER_BYTES + self._limit * RECORD_BYTES
        first = min(size, RING_HEADER_BYTES + _FIRST_STEP)
        if self._remaps:
            size = first
        fd = system.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | files.FLAGS, 0o600)
        try:
            system.ftruncate(fd, size)
            self._identity = files.identity(fd)
            if not _fill(fd, 0, first):
                raise OSError("no space for the recording")
            self._map, self._pinned = files.map_file(fd, size)
        except BaseException:
            system.close(fd)
            system.unlink(path)
            raise
        system.close(fd)
        # The magic comes last: readers look at the page when it is there.
        _HEADER.pack_into(
            self._map, 0, b"", RECORDING_VERSION, RECORD_BYTES, pid, started, 0, 0, 0, 0, 0
        )
        self._map[: len(RING_MAGIC)] = RING_MAGIC
        self._capacity = (first - RING_HEADER_BYTES) // RECORD_BYTES
        self._frozen = False
        # No thread is about to fork and the ring has not begun to overwrite: nearly always.
        self._plain = True
        # Positions below need no look at the ring's end; once frozen every position takes the modulo.
        self._count = count() if has_gil() else _LockedCount()
        self._grower = 0
        growing = allocate_lock()
        self._grow_acquire, self._grow_release = growing.acquire, growing.release
        if self._capacity >= self._limit:
            self._freeze()

    def emit(self, kind: int, aux: int, actor: int, a: int = 0, b: int = 0, c: int = 0) -> None:
        """Writes one record stamped with the time now."""
        if self._plain:
            position = next(self._count)
            if position < self._capacity:
                try:
                    # The same as in `emit_at`: a call less for nearly all records.
                    _pack(
                        self._map,
                        RING_HEADER_BYTES + position * RECORD_BYTES,
                        kind,
                        0,
                        aux,
                        actor,
                        monotonic_ns(),
                        a,
                        b,
                        c,
                        position + 1,
                    )
                    return
                except (OutOfRange, TypeError, ValueError):
                    pass
        else:
            position = -1
        self._emit(position, kind, aux, actor, monotonic_ns(), a, b, c)

    def emit_at(
        self, kind: int, aux: int, actor: int, at: int, a: int = 0, b: int = 0, c: int = 0
    ) -> None:
        """Writes one record of the time `at`, monotonic ns. Numbers too large for their field lose their high bits."""
        if self._plain:
            position = next(self._count)
            if position < self._capacity:
                try:
                    _pack(
                        self._map,
                        RING_HEADER_BYTES + position * RECORD_BYTES,
                        kind,
                        0,
                        aux,
                        actor,
                        at,
                        a,
                        b,
                        c,
                        position + 1,
                    )
                    return
                except (OutOfRange, TypeError, ValueError):
                    pass
        else:
            position = -1
        self._emit(position, kind, aux, actor, at, a, b, c)

    def _emit(
        self, position: int, kind: int, aux: int, actor: int, at: int, a: int, b: int, c: int
    ) -> None:
        """What needs more than a place in front of the ring's end; `position` is -1 where none has been taken yet."""
        if position < 0:
            if self._forking and get_ident() in self._forking:
                return
            position = next(self._count)
        if position >= self._capacity and not self._frozen and not self._grow(position):
            self.lost += 1
            return
        if self._frozen:
            capacity = self._capacity
            lap, slot = divmod(position, capacity)
            lap &= 255
        else:
            lap, slot = 0, position
        try:
            _pack(
                self._map,
                RING_HEADER_BYTES + slot * RECORD_BYTES,
                kind,
                lap,
                aux & 0xFFFF,
                actor & _MASK,
                at,
                a & _MASK,
                b & _MASK,
                c & _MASK,
                1 + position % _SEQ,
            )
        except (TypeError, ValueError) as error:  # the map is closed: the process is on its way out
            if not files.own(error):
                raise
            self.lost += 1

    def hold(self) -> None:
        """Right before a fork: finalizers that run in the child before it has a ring must not write into this one.

        Of the parent's threads others go on writing, and may fork as well.
        """
        self._forking.add(get_ident())
        self._plain = False

    def resume(self) -> None:
        """In the parent, right after: this thread goes on, too."""
        self._forking.discard(get_ident())
        self._plain = not self._frozen
        if self._forking:  # looked at last, as another thread may have begun meanwhile
            self._plain = False

    @property
    def head(self) -> int:
        """Records claimed so far."""
        return int(repr(self._count)[6:-1])

    @property
    def capacity(self) -> int:
        """Records there is room for now."""
        return self._capacity

    @property
    def dropped(self) -> int:
        """Records that could not be written."""
        return self.lost

    def set_overhead(self, ns: int) -> None:
        """Writes head, losses and the probe's own CPU time into the header."""
        try:
            _U64.pack_into(self._map, _OFFSET_HEAD, self.head)
            _U64.pack_into(self._map, _OFFSET_OVERHEAD, max(0, int(ns)))
            _U64.pack_into(self._map, _OFFSET_DROPPED, self.lost)
        except (TypeError, ValueError) as error:
            if not files.own(error):
                raise

    def prepare(self) -> None:
        """Allocates ahead when room gets short, so that no writer has to."""
        head = self.head
        if not self._frozen and head + _AHEAD > self._capacity:
            self._grow(self._capacity)

    def close(self) -> None:
        """Says goodbye: stamps the header. Later records are still accepted, as daemon threads may write on."""
        try:
            _U64.pack_into(self._map, _OFFSET_HEAD, self.head)
            _U64.pack_into(self._map, _OFFSET_DROPPED, self.lost)
            _U64.pack_into(self._map, _OFFSET_CLOSED, monotonic_ns())
        except (TypeError, ValueError) as error:
            if not files.own(error):
                raise

    def release(self) -> None:
        """Gives the map and the unused rest of the file back. Nothing is recorded afterwards."""
        head = min(self.head, self._capacity)
        if not self._unmap():
            return
        fd = self._open()
        if fd < 0:
            return
        try:
            if not self._frozen:
                system.ftruncate(fd, RING_HEADER_BYTES + head * RECORD_BYTES)
        except OSError as error:
            if not files.own(error):
                raise
        finally:
            system.close(fd)

    def abandon(self) -> None:
        """Lets go of the parent's ring in a forked child, without a word in it."""
        self._plain = self._frozen = False
        self._capacity = 0
        self._grow = lambda position: False  # type: ignore[method-assign]
        self._unmap()

    def _unmap(self) -> bool:
        """False when another thread is in the middle of a record: then the rest is left to the system."""
        if self._pinned:
            self._map = None  # type: ignore[assignment]
            return True
        try:
            self._map.close()
        except BufferError:
            return False
        return True

    def _grow(self, position: int) -> bool:
        """Makes room for `position`, or starts to overwrite. False when this record must be dropped."""
        me = get_ident()
        if self._grower == me:  # a signal handler or finalizer inside our own growing
            return False
        if not self._grow_acquire(True, 0.25):
            return False
        self._grower = me
        try:
            while position >= self._capacity and not self._frozen:
                start = RING_HEADER_BYTES + self._capacity * RECORD_BYTES
                step = min(_STEP, RING_HEADER_BYTES + self._limit * RECORD_BYTES - start)
                if step < RECORD_BYTES or not self._allocate(start, step):
                    self._freeze()
                else:
                    self._capacity += step // RECORD_BYTES
            return True
        finally:
            self._grower = 0
            self._grow_release()

    def _freeze(self) -> None:
        _U64.pack_into(self._map, _OFFSET_CAPACITY, self._capacity)
        self._frozen = True
        self._plain = False

    def _allocate(self, start: int, length: int) -> bool:
        if self._remaps:
            try:
                self._map.resize(start + length)
            except (OSError, SystemError, ValueError) as error:
                if not files.own(error):
                    raise
                return False
            return True
        fd = self._open()
        if fd < 0:
            return False
        try:
            return _fill(fd, start, length)
        finally:
            system.close(fd)

    def _open(self) -> int:
        """The file, opened for a moment: programs and their children count their descriptors. -1 when that fails."""
        try:
            fd = system.open(self.path, os.O_RDWR | files.FLAGS, 0o600)
        except OSError as error:
            if not files.own(error):
                raise
            return -1
        if files.identity(fd) != self._identity:
            system.close(fd)
            return -1
        return fd


def _fill(fd: int, start: int, length: int) -> bool:
    """Allocates a part of the file for real. False when there is no room."""
    # Written rather than reserved: pages that are in the cache already make the first stores into the map
    # cost nothing, where a reserved page's first fault takes 2 ms on ext4.
    if not hasattr(os, "pwrite"):  # Windows allocates when the size is set
        return True
    end = start + length
    try:
        while start < end:
            start += system.pwrite(fd, _ZEROS[: end - start], start)
    except OSError as error:
        if not files.own(error):
            raise
        return False
    return True
