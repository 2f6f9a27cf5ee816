"""Changes in the program's library code, each of which can be taken back: attributes, lines of functions, imports."""

import sys
from types import CodeType, FunctionType, ModuleType
from typing import Callable, Dict, List, Optional, Tuple

_MISSING = object()


class Patches:
    """Remembers originals and puts them back in reverse order."""

    def __init__(self) -> None:
        self._undo: List[Callable[[], None]] = []

    def replace(self, owner: object, name: str, new: object) -> object:
        """Sets an attribute of a module or class and gives what was in its own namespace (None when nothing was)."""
        namespace = vars(owner)
        original = namespace.get(name, _MISSING)
        setattr(owner, name, new)
        self._undo.append(lambda: _put_back(owner, name, new, original))
        return None if original is _MISSING else original

    def edit_code(
        self,
        function: Callable[..., object],
        anchor: str,
        added: str,
        *,
        before: bool = False,
        nth: int = 0,
        names: Optional[Dict[str, object]] = None,
    ) -> bool:
        """Adds statements to one line of a standard-library function: same frame, same lines, same identity.

        The `nth` line of the function that contains `anchor` gets `; added` at its end (or `added; ` before its first
        statement). `names` are put into the function's globals first: begin them with `_interleave`. Edits of one
        function add up. False, and nothing changed, when source or anchor are not there.
        """
        code = getattr(function, "__code__", None)
        if not isinstance(function, FunctionType) or not isinstance(code, CodeType) or code.co_freevars:
            return False
        edited = _edited.get(function)
        if edited is not None and edited[1] is code:
            lines = list(edited[0])
        else:
            found = _source(code)
            if found is None:
                return False
            lines = found
        hits = [index for index, line in enumerate(lines) if anchor in line]
        if nth >= len(hits):
            return False
        index = hits[nth]
        line = lines[index].rstrip("\r\n")
        if before:
            body = line.lstrip()
            lines[index] = line[: len(line) - len(body)] + added + "; " + body + "\n"
        else:
            lines[index] = _uncommented(line) + "; " + added + "\n"
        new = _compile(lines, code)
        if new is None:
            return False
        for name, value in (names or {}).items():
            if name not in function.__globals__:
                self._undo.append(_Forgetter(function.__globals__, name))
            function.__globals__[name] = value
        function.__code__ = new
        _edited[function] = (lines, new)
        self._undo.append(lambda: _restore_code(function, new, code))
        return True

    def on_import(self, module: str, callback: Callable[[ModuleType], None]) -> None:
        """Calls back when the program has imported the module; now, when it has already."""
        loaded = sys.modules.get(module)
        spec = getattr(loaded, "__spec__", None)
        if loaded is not None and not getattr(spec, "_initializing", False):
            callback(loaded)
            return
        _waiting.setdefault(module, []).append(callback)
        _hook_imports()

    def undo(self, step: Callable[[], None]) -> None:
        """Adds a step of one's own to what `restore_all` does."""
        self._undo.append(step)

    def restore_all(self) -> None:
        """Puts every original back that nobody else has replaced meanwhile."""
        while self._undo:
            self._undo.pop()()


_edited: Dict[FunctionType, Tuple[List[str], CodeType]] = {}
_waiting: Dict[str, List[Callable[[ModuleType], None]]] = {}


class _Forgetter:
    def __init__(self, namespace: Dict[str, object], name: str) -> None:
        self._namespace, self._name = namespace, name

    def __call__(self) -> None:
        # A frame may still run the edited code, so the name stays as something harmless.
        self._namespace[self._name] = _nothing


def _nothing(*args: object, **kwargs: object) -> None:
    return None


def _put_back(owner: object, name: str, new: object, original: object) -> None:
    if vars(owner).get(name) is not new:
        return
    if original is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, original)


def _restore_code(function: FunctionType, new: CodeType, code: CodeType) -> None:
    if function.__code__ is new:
        function.__code__ = code
        _edited.pop(function, None)


# Lines of the files whose functions are being edited, read once per install.
_files: Dict[str, List[str]] = {}


def forget_sources() -> None:
    """Drops the source texts that edits have read."""
    _files.clear()


def _read(file: str) -> Optional[List[str]]:
    lines = _files.get(file)
    if lines is None:
        try:
            with open(file, "rb") as source:
                lines = source.read().decode("utf-8").splitlines(keepends=True)
        except (OSError, ValueError):
            return None
        _files[file] = lines
    return lines


def _source(code: CodeType) -> Optional[List[str]]:
    """The lines of a function, from its `def` or first decorator to the line before less indented text."""
    lines = _read(code.co_filename)
    if lines is None or code.co_firstlineno > len(lines):
        return None
    first = code.co_firstlineno - 1
    indent = len(lines[first]) - len(lines[first].lstrip())
    last = max([line for _, line in _lines_of(code)] + [first + 1])
    end = last
    # The last statement may go on over further, deeper lines.
    while end < len(lines):
        text = lines[end]
        if text.strip() and len(text) - len(text.lstrip()) <= indent and not text.lstrip().startswith((")", "]", "}")):
            break
        end += 1
    return lines[first:end]


def _lines_of(code: CodeType) -> List[Tuple[int, int]]:
    found: List[Tuple[int, int]] = []
    if hasattr(code, "co_lines"):
        found = [(start, line) for start, _, line in code.co_lines() if line is not None]
    else:
        import dis

        found = list(dis.findlinestarts(code))
    for const in code.co_consts:
        if isinstance(const, CodeType):
            found += _lines_of(const)
    return found


def _uncommented(line: str) -> str:
    """The line without a comment at its end; library lines with both a text and a # in it are not edited."""
    if "#" in line and '"' not in line and "'" not in line:
        line = line[: line.index("#")]
    return line.rstrip()


def _compile(lines: List[str], code: CodeType) -> Optional[CodeType]:
    """The function's code, compiled at its own lines and columns, inside a class of its own name for `__private` names."""
    qualified = getattr(code, "co_qualname", "")
    owner = qualified.split(".")[-2] if "." in qualified else ""
    indent = len(lines[0]) - len(lines[0].lstrip())
    head = "\n" * (code.co_firstlineno - 2)
    if indent:
        head += f"class {owner}:\n" if owner.isidentifier() else "if 1:\n"
    else:
        head += "\n"
    try:
        module = compile(head + "".join(lines), code.co_filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    new = _find(module, code.co_name, code.co_firstlineno)
    if new is None or new.co_freevars or new.co_varnames[: code.co_argcount] != code.co_varnames[: code.co_argcount]:
        return None
    return new.replace(co_qualname=qualified) if qualified else new


def _find(code: CodeType, name: str, line: int) -> Optional[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_name == name and const.co_firstlineno == line:
                return const
            found = _find(const, name, line)
            if found is not None:
                return found
    return None


_original_load: Optional[FunctionType] = None


def _hook_imports() -> None:
    """Wraps the import system's own loader, unseen in `sys.meta_path` and in tracebacks."""
    global _original_load
    bootstrap = sys.modules.get("_frozen_importlib")
    original = getattr(bootstrap, "_load_unlocked", None)
    if bootstrap is None or original is None or _original_load is not None:
        return
    waiting, ready = _waiting, _ready

    def _load_unlocked(spec):  # type: ignore[no-untyped-def]
        module = original(spec)
        if spec.name in waiting:
            ready(spec.name, module)
        return module

    # Frames of this file are cut out of tracebacks of failing imports.
    _load_unlocked.__code__ = _load_unlocked.__code__.replace(co_filename=original.__code__.co_filename)
    _original_load = original
    bootstrap._load_unlocked = _load_unlocked  # type: ignore[attr-defined]


def unhook_imports() -> None:
    """Leaves the import system as it was."""
    global _original_load
    _waiting.clear()
    bootstrap = sys.modules.get("_frozen_importlib")
    if _original_load is not None and bootstrap is not None:
        bootstrap._load_unlocked = _original_load  # type: ignore[attr-defined]
    _original_load = None


def _ready(name: str, module: ModuleType) -> None:
    for callback in _waiting.pop(name, ()):
        callback(module)
