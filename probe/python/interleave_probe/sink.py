"""Definitions of one process: gives ids to texts, places, stacks, threads, tasks and objects, and writes each once."""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident
from itertools import count
from os.path import isabs as _isabs
from os.path import join as _join
from os.path import normpath as _normpath
from types import CodeType, FrameType, ModuleType

from . import files
from .files import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import (
        Any,
        Callable,
        Dict,
        Iterable,
        List,
        Optional,
        Sequence,
        Set,
        Tuple,
        TypeVar,
        Union,
    )

    _Held = TypeVar("_Held")
    # A frame as its site id, or as (code, f_lasti, line) where the site has none yet.
    Captured = List[Union[int, Tuple[CodeType, int, Optional[int]]]]


_OUTERMOST, _INNERMOST = 8, 56


def enough_of(held: "List[_Held]") -> "List[_Held]":
    """Of thousands of locks held at once the outermost and the innermost: the others were told as they were taken."""
    if len(held) <= _OUTERMOST + _INNERMOST:
        return held
    return held[:_OUTERMOST] + held[-_INNERMOST:]


_own_time: Callable[[], int] = getattr(time, "thread_time_ns", lambda: 0)
_LIMIT = 32
# More places than this and the cache by code object starts anew; the ids stay what they were.
_PLACES = 1 << 16
_STACKS = 1 << 17
_CHAINS = 1 << 16
_MOST_WAITING = 1 << 20


def _quote_slowly(text: str) -> str:
    parts = ['"']
    for char in text:
        number = ord(char)
        if 32 <= number < 127 and char not in '"\\':
            parts.append(char)
        elif number < 0x10000:
            parts.append(f"\\u{number:04x}")
        else:
            number -= 0x10000
            parts.append(f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 1023):04x}")
    parts.append('"')
    return "".join(parts)


# JSON of a text.
_quote: Callable[[str], str] = _quote_slowly


def use(native: Optional[ModuleType]) -> None:
    """Takes the native core's way to quote texts, or the library's."""
    global _quote
    if native is not None:
        _quote = native.quote
        return
    try:
        from _json import encode_basestring_ascii
    except ImportError:  # other interpreters than CPython
        return
    _quote = encode_basestring_ascii


def encode(value: object) -> str:
    """JSON of texts, numbers, truth values, None, lists, tuples and dicts with text keys."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _quote(str(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if value - value == 0 else "null"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quote(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([encode(item) for item in value]) + "]"
    raise TypeError(f"no JSON for {type(value)}")


def members(values: "Dict[str, Any]") -> str:
    """What is not None as members of a JSON object, each behind a comma."""
    return "".join(
        [f",{_quote(key)}:{encode(value)}" for key, value in values.items() if value is not None]
    )


class Sink:
    """The definitions file. `limit` bytes at most; what comes later is id 0 and counted.

    No locks: a definition written twice under two ids by racing threads is harmless, and one that a signal
    handler writes in the middle of another is a line of its own.
    """

    def __init__(
        self,
        path: str,
        limit: int,
        append: Callable[[bytes, bytes], int] = files.append,
        program: str = "",
    ) -> None:
        self._file = os.fsencode(path)
        # (path, data) -> bytes written, -1 when the file cannot be opened: see `files.append`.
        self._append = append
        self.lost = 0
        # Lines so far, and of every eighth what writing it took: with that, what writing takes is known.
        self.lines = self._timed = 0
        self._left = limit
        # Lines that could not be written because no descriptor was free, or a thread is about to fork.
        self._waiting: List[bytes] = []
        self._forking: Set[int] = set()
        system.close(system.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | files.FLAGS, 0o600))
        # What is said of the process: what is so of each that runs this program, as `members` gives it, and the rest.
        self._program = program
        self._process: Dict[str, object] = {}
        self._strings: Dict[str, int] = {}
        # Id of a text that has one, else None.
        self.known_text = self._strings.get
        self._sites: Dict[Tuple[str, int, str], int] = {}
        # (id(code), f_lasti) -> site id, 0 for the probe's own; the code objects are kept so that ids stay theirs.
        self._places: Dict[Tuple[int, int], int] = {}
        self._codes: Dict[int, CodeType] = {}
        self._stacks: Dict[Tuple[int, ...], int] = {}
        self._chains: Dict[Tuple[Tuple[int, int], ...], int] = {}
        self._next_string = count(1)
        self._next_site = count(1)
        self._next_stack = count(1)
        self._next_chain = count(1)
        self._next_object = count(1)
        self._next_thread = count(1)
        self._next_task = count(1)

    # -- ids -----------------------------------------------------------------------------------------------------

    def string(self, text: str) -> int:
        """Id of a text, cut at 4096 characters."""
        known = self._strings.get(text)
        if known is not None:
            return known
        text = str(text[:4096])
        new = next(self._next_string)
        if not self.write(f'{{"def":"string","id":{new},"text":{_quote(text)}}}\n'):
            return 0
        return self._strings.setdefault(text, new)

    def site(self, file: str, line: int, function: str) -> int:
        """Id of a source line."""
        key = (file, line, function)
        known = self._sites.get(key)
        if known is not None:
            return known
        new = next(self._next_site)
        if not self.write(
            f'{{"def":"site","id":{new},"file":{_quote(file)},"line":{line},"function":{_quote(function)}}}\n'
        ):
            return 0
        return self._sites.setdefault(key, new)

    def place(self, frame: FrameType) -> int:
        """Id of the source line a frame is at, 0 for the probe's own frames."""
        code = frame.f_code
        key = (id(code), frame.f_lasti)
        known = self._places.get(key)
        if known is None:
            known = self._place(code, key, frame.f_lineno)
        return known

    def _place(self, code: CodeType, key: Tuple[int, int], line: Optional[int]) -> int:
        file = code.co_filename
        if file.startswith(files.OURS):
            site = 0
        else:
            if (not file.startswith(("<", os.sep)) and os.sep in file) or file.endswith(".py"):
                file = _absolute(file)
            name = getattr(code, "co_qualname", code.co_name)
            site = self.site(file, line or code.co_firstlineno, name)
        if len(self._places) >= _PLACES:
            self._places = {}
            self._codes = {}
        self._codes[id(code)] = code
        self._places[key] = site
        return site

    def stack(self, frame: Optional[FrameType], limit: int = _LIMIT) -> int:
        """Id of the stack that starts at `frame`, innermost first, without the probe's own frames."""
        return self.captured(self.capture(frame, limit))

    def capture(self, frame: Optional[FrameType], limit: int = _LIMIT) -> Captured:
        """What `captured` needs to make a stack of. Does not give the GIL away, so frames of others can be let go at once."""
        places = self._places
        found: Captured = []
        while frame is not None and limit:
            code = frame.f_code
            lasti = frame.f_lasti
            site = places.get((id(code), lasti))
            if site is None:
                found.append((code, lasti, frame.f_lineno))
                limit -= 1
            elif site:
                found.append(site)
                limit -= 1
            frame = frame.f_back
        return found

    def captured(self, found: Captured) -> int:
        """Id of a captured stack."""
        sites = []
        for place in found:
            if type(place) is tuple:
                code, lasti, line = place
                place = self._place(code, (id(code), lasti), line)
                if not place:
                    continue
            sites.append(place)
        key = tuple(sites)
        known = self._stacks.get(key)  # type: ignore[arg-type]
        return known if known is not None else self.stack_of(key)  # type: ignore[arg-type]

    def here(self, depth: int = 1) -> int:
        """Id of the caller's stack."""
        return self.stack(sys._getframe(depth))

    def stack_of(self, sites: Sequence[int]) -> int:
        """Id of a stack of site ids, innermost first."""
        if not sites:
            return 0
        key = tuple(sites[:_LIMIT])
        known = self._stacks.get(key)
        if known is not None:
            return known
        new = next(self._next_stack)
        if not self.write(f'{{"def":"stack","id":{new},"sites":[{",".join(map(str, key))}]}}\n'):
            return 0
        if len(self._stacks) >= _STACKS:
            self._stacks = {}
        return self._stacks.setdefault(key, new)

    def chain(self, pairs: Iterable[Tuple[int, int]]) -> int:
        """Id of a chain of held locks, outermost first: pairs of object id and stack id of the acquire."""
        key = tuple(pairs)
        if not key:
            return 0
        known = self._chains.get(key)
        if known is not None:
            return known
        new = next(self._next_chain)
        text = ",".join([f"[{int(held)},{int(stack)}]" for held, stack in key])
        if not self.write(f'{{"def":"chain","id":{new},"held":[{text}]}}\n'):
            return 0
        if len(self._chains) >= _CHAINS:
            self._chains = {}
        return self._chains.setdefault(key, new)

    def object(self, type: str, library: str, stack: int = 0, **fields: Any) -> int:
        """Id of a new lock, queue, pool, loop, connection…; `fields` are the optional ones of ObjectDefinition."""
        new = next(self._next_object)
        return new if self.redefine(new, type, library, stack, **fields) else 0

    def redefine(self, id: int, type: str, library: str, stack: int = 0, **fields: Any) -> bool:
        """Writes an object's definition again: the whole of it, as it is now."""
        more = members(fields)
        return self.write(
            f'{{"def":"object","id":{id},"type":{_quote(type)},"library":{_quote(library)},"stack":{stack}{more}}}\n'
        )

    def new_thread(self) -> int:
        """A fresh thread id; define it with `thread` before the first record that names it."""
        return next(self._next_thread)

    def thread(self, id: int, name: str, daemon: bool, main: bool, **fields: Any) -> bool:
        """Defines or redefines a thread."""
        more = members(fields)
        return self.write(
            f'{{"def":"thread","id":{id},"name":{_quote(name[:256])},"daemon":{encode(bool(daemon))},'
            f'"main":{encode(bool(main))}{more}}}\n'
        )

    def new_task(self) -> int:
        """A fresh task id, without the top bit."""
        return next(self._next_task)

    def task(self, id: int, name: str, loop: int) -> bool:
        """Defines a task that something is said of."""
        return self.write(f'{{"def":"task","id":{id},"name":{_quote(name[:256])},"loop":{loop}}}\n')

    def process(self, **update: Any) -> None:
        """Writes the process definition, with what is new in it."""
        self._process.update(update)
        self.write(f'{{"def":"process"{self._program}{members(self._process)}}}\n')

    # -- the file ------------------------------------------------------------------------------------------------

    def write(self, line: str) -> bool:
        """Appends one line. False, and counted, when it did not fit or could not be written."""
        data = line.encode("ascii", "replace")
        if len(data) > self._left:
            self.lost += 1
            return False
        self._left -= len(data)
        if self._forking and get_ident() in self._forking:
            self._waiting.append(data)
            return True
        waiting = self._waiting
        if waiting:
            self._waiting = []
            data = b"".join(waiting) + data
        self.lines += 1
        if self.lines & 7 == 1:
            before = _own_time()
            written = self._append(self._file, data)
            self._timed += _own_time() - before
        else:
            written = self._append(self._file, data)
        if written == len(data):
            return True
        if written < 0 and len(data) < _MOST_WAITING:
            self._waiting.append(data)
            return True
        if written > 0:
            self._append(self._file, b"\n")  # a full disk: end the half line, a reader skips it
        self.lost += 1 + len(waiting)
        return False

    def give_up(self) -> None:
        """The process ends: what waited for the file to be opened is lost if that cannot be done now, and counted."""
        data, self._waiting = b"".join(self._waiting), []
        # Not after a chroot, or as another user.
        if data and self._append(self._file, data) != len(data):
            self.lost += data.count(b"\n")

    def cost(self, lines: int) -> int:
        """CPU time that writing so many lines takes here, ns."""
        return self._timed * lines // (self.lines // 8 + 1)

    def hold(self) -> None:
        """Right before a fork: this thread writes nothing until `resume`, or in the child's own sink; others go on."""
        self._forking.add(get_ident())

    def resume(self) -> None:
        """In the parent, right after."""
        self._forking.discard(get_ident())

    def close(self) -> None:
        """Nothing is written any more."""
        self._left = 0


def _absolute(file: str) -> str:
    """Absolute path of a source file: one run as `python x.py` knows itself as `x.py`."""
    # `os.path.abspath` would ask `os` for the folder, whose functions tests of programs replace. The folder is not asked
    # for without need: that lets other threads run, the main one to its end perhaps, between a fork's check and the fork.
    try:
        return _normpath(file if _isabs(file) else _join(system.getcwd(), file))
    except OSError:  # the working directory is gone
        return file
