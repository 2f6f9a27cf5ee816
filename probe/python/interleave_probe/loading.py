"""Loads the probe's own modules, and only them, from compiled code that always finds a place.

Compiling costs a start 100 ms: `-B`, a folder that cannot be written or a prefix that the program has for its own compiled
code must not make every start pay. Looking for thirty files costs one 3 ms: what every start needs is kept in one.
Annotations are texts here: versions of Python that are not recorded run this, too, to let the next sitecustomize run.
"""

import _imp
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Dict, Iterator, List, Optional, Tuple

    # What `start` is given from the file: what it depends on and this module's code, which have been looked at; the time
    # and size of each other source; modules in the order in which they were done, how many of which the package itself
    # imports, with their code.
    Kept = Tuple[object, CodeType, Dict[str, Tuple[int, int]], List[Tuple[str, CodeType]], int]
    Part = Tuple[Tuple[int, int], bytes]

PACKAGE = "interleave_probe"
# As __future__.annotations.compiler_flag: annotations stay text without a module more that the program would find loaded.
ANNOTATIONS = 0x1000000
FUTURE = b"from __future__ import annotations\n"

_external = sys.modules["_frozen_importlib_external"]
_spec: "Any" = sys.modules["_frozen_importlib"].ModuleSpec
_tag = str(sys.implementation.cache_tag)
if sys.flags.optimize:
    _tag += f".opt-{sys.flags.optimize}"

# Needed only where nothing has been kept: never in what is.
_SELDOM = ("rewriting",)

_package = ""
# Folders for compiled code; the second is looked for when the first has not been enough.
_folders: "List[str]" = []
# Name of a module -> its code, until it is loaded.
_ready: "Dict[str, CodeType]" = {}
# While the file is still to be made: the modules in the order in which they were done.
_done: "Optional[List[Tuple[str, CodeType]]]" = None
# Of what some programs need, by name of the file: module -> time and size of its source, and its code until it is loaded.
_late: "Dict[str, Dict[str, Part]]" = {}
# The same of those that were not found there.
_missed: "Dict[str, Dict[str, Part]]" = {}


def start(here: str, package: str, name: str, kept: "Optional[Kept]", since: int) -> None:
    """Installs the probe where it is asked for, and lets the next sitecustomize run in the place of the one that lies here.

    `name` and `kept`: of the file that has what every start needs.
    """
    # Children find that folder through the environment; the program itself need not see it.
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    caller = sys._getframe(1)
    del caller.f_globals["_begin"]
    try:
        if os.environ.get("INTERLEAVE_RECORDING") and sys.version_info >= (3, 9):
            _imp._fix_co_filename(  # type: ignore[attr-defined]
                caller.f_code, "<frozen interleave_probe/sitecustomize.py>"
            )
            _install(package, name, kept, since)
    except Exception:
        if os.environ.get("INTERLEAVE_DEBUG"):
            raise
    finally:
        _chain(_is_asked_by_site(caller.f_back))


def _chain(site: bool) -> None:
    """Its errors are the user's and are told by `site`, which says nothing where there is no other.

    Then the program has no such module, as without us; hypothesis takes values to try from all files that it finds loaded.
    """
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
    except ImportError as error:
        if site or error.name != "sitecustomize":
            raise
    finally:
        if "sitecustomize" not in sys.modules and ours is not None:
            sys.modules["sitecustomize"] = ours


def _is_asked_by_site(module: "Any") -> bool:
    """Whether nobody stands between, as another sitecustomize that lets ours run and counts on its being there."""
    frame = module.f_back
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_name == "execsitecustomize"


def _install(package: str, name: str, kept: "Optional[Kept]", since: int) -> None:
    global _package, _done
    _package = package
    _folders.append(os.path.join(package, "__pycache__"))
    sys.path_importer_cache[package] = Finder(package, (Loader, [".py"]))
    if kept is None or not _is_fresh(kept[2]):
        kept = _find(name)
    if kept is None:
        _done = []
    probe: "Any" = _unpack(kept) if kept is not None else _import()
    count = len(_done or ())
    probe.install(
        os.environ["INTERLEAVE_RECORDING"], os.environ.get("INTERLEAVE_OPTIONS", ""), since
    )
    if _done is not None:
        _pack(name, _done, count)
        _done = None


def _is_fresh(stamps: "Dict[str, Tuple[int, int]]") -> bool:
    """Whether these sources are still what they were."""
    try:
        for module, stamp in stamps.items():
            about = os.stat(_source(module))
            if (about.st_mtime_ns, about.st_size) != stamp:
                return False
    except OSError:
        return False
    return True


def _source(module: str) -> str:
    return os.path.join(_package, module + ".py")


def _stamp(module: str) -> "Tuple[int, int]":
    about = os.stat(_source(module))
    return about.st_mtime_ns, about.st_size


# -- what every start needs ------------------------------------------------------------------------------------------


def _find(name: str) -> "Optional[Kept]":
    """The file where the probe's own folder has none that is right."""
    loader = Loader(PACKAGE, _source("__init__"))
    for content in loader.kept(name):
        try:
            kept: "Any" = marshal.loads(content)
            if kept[0] == (sys.version, *_stamp("loading")) and _is_fresh(kept[2]):
                return kept  # type: ignore[no-any-return]
        except (EOFError, ValueError, TypeError, LookupError):  # half a file
            pass
    return None


def _unpack(kept: "Kept") -> "ModuleType":
    """What the package imports is loaded at once, in the order that has worked; the rest when it is imported."""
    probe = _module(PACKAGE, "__init__")
    probe.__path__ = probe.__spec__.submodule_search_locations = [_package]  # type: ignore[union-attr]
    for index, (name, code) in enumerate(kept[3]):
        if index >= kept[4]:
            _ready[name] = code
        elif name == "__init__":
            exec(code, vars(probe))
        else:
            module = _module(f"{PACKAGE}.{name}", name)
            setattr(probe, name, module)
            exec(code, vars(module))
    return probe


def _module(full: str, name: str) -> "ModuleType":
    path = _source(name)
    module = sys.modules[full] = type(sys)(full)
    module.__loader__ = Loader(full, path)
    module.__spec__ = _spec(full, module.__loader__, origin=path)
    # Where it is missing every import of the module raises an error inside the interpreter to find that out.
    module.__spec__._initializing = False  # type: ignore[union-attr]
    module.__package__ = PACKAGE
    return module


def _import() -> "ModuleType":
    parent = os.path.dirname(_package)
    sys.path.insert(0, parent)
    sys.path_importer_cache[parent] = _external.FileFinder(parent, (Loader, [".py"]))
    try:
        __import__(PACKAGE)
    finally:
        sys.path.remove(parent)
        sys.path_importer_cache.pop(parent, None)
    return sys.modules[PACKAGE]


def _pack(name: str, done: "List[Tuple[str, CodeType]]", count: int) -> None:
    """Makes the file: of all that was loaded until now, the first `count` by the package itself."""
    _keep_bootstrap()
    try:
        own = Loader(f"{PACKAGE}.loading", _source("loading"))
        code = own.get_code(f"{PACKAGE}.loading")
        stamps = {module: _stamp(module) for module, _ in done}
        content: "Any" = ((sys.version, *_stamp("loading")), code, stamps, done, count)
        own.keep(name, marshal.dumps(content))
    except OSError:
        pass


# -- what some programs need -----------------------------------------------------------------------------------------


def _file_of(module: str) -> str:
    """Programs with tasks need most of the one, programs with pools or processes of the other."""
    return f"{'tasks' if module.startswith('aio_') else 'pools'}.{_tag}.kept"


def _parts(file: str) -> "Dict[str, Part]":
    """What a file has of such modules, read the first time."""
    parts = _late.get(file)
    if parts is None:
        parts = _late[file] = {}
        for content in Loader(PACKAGE, "").kept(file):
            try:
                found: "Any" = marshal.loads(content)
                if found[0] == (sys.version, *_stamp("loading")):
                    parts.update(found[1])
                    break
            except (EOFError, ValueError, TypeError, LookupError, OSError):  # half a file
                pass
    return parts


def _part(module: str) -> "Optional[CodeType]":
    """The code of such a module, once."""
    part = _parts(_file_of(module)).get(module)
    try:
        if part is not None and part[0] == _stamp(module):
            code: "Any" = marshal.loads(part[1])
            return code  # type: ignore[no-any-return]
    except (OSError, EOFError, ValueError, TypeError):
        pass
    return None


def _keep_parts() -> None:
    """Writes what was missing, with what was there."""
    while _missed:
        file, missed = _missed.popitem()
        try:
            content: "Any" = ((sys.version, *_stamp("loading")), {**_parts(file), **missed})
            Loader(PACKAGE, "").keep(file, marshal.dumps(content))
        except OSError:
            pass


def _keep_bootstrap() -> None:
    """The file that every start begins with, where the interpreter looks for it, as it may not put it there with `-B`."""
    path = os.path.join(os.path.dirname(_package), "bootstrap", "sitecustomize.py")
    try:
        compiled = _external.cache_from_source(path)
        if os.path.dirname(os.path.dirname(compiled)) == os.path.dirname(path):
            loader = _external.SourceFileLoader("sitecustomize", path)
            data = loader.get_data(path)
            about = loader.path_stats(path)
            code = loader.source_to_code(data, path)
            content = _external._code_to_timestamp_pyc(code, int(about["mtime"]), about["size"])
            loader.set_data(compiled, content, _mode=0o644)
    except (OSError, ValueError, NotImplementedError, AttributeError):
        pass  # it is compiled each time


# -- everything else -------------------------------------------------------------------------------------------------


class Finder(_external.FileFinder):  # type: ignore[misc, name-defined]
    """As the usual one, but what is kept is not looked for."""

    def find_spec(self, fullname: str, target: "Any" = None) -> "Any":
        name = fullname.rpartition(".")[2]
        if name in _ready or name in _parts(_file_of(name)):
            path = _source(name)
            return _spec(fullname, Loader(fullname, path), origin=path)
        return super().find_spec(fullname, target)


class Loader(_external.SourceFileLoader):  # type: ignore[misc, name-defined]
    """As the usual one, but compiled code is kept beside the source, or else in the user's cache folder."""

    def exec_module(self, module: "ModuleType") -> None:
        # Measurers of coverage would believe it rather than the code's own name.
        vars(module).pop("__file__", None)
        code = self.get_code(module.__name__)
        exec(code, vars(module))
        name = os.path.basename(self.path)[:-3]
        if _done is not None and name not in _SELDOM:
            _done.append((name, code))

    def keep_parts(self) -> None:
        """At the end of a program: what it has needed is found quicker by the next."""
        _keep_parts()

    def get_code(self, fullname: str) -> "CodeType":
        base = os.path.basename(self.path)
        ready = _ready.pop(base[:-3], None) or _part(base[:-3])
        if ready is not None:
            return ready
        code = self._compiled(base)
        if _done is None and base[:-3] not in _SELDOM:
            missed = _missed.setdefault(_file_of(base[:-3]), {})
            missed[base[:-3]] = (_stamp(base[:-3]), marshal.dumps(code))
        return code

    def _compiled(self, base: str) -> "CodeType":
        about = self.path_stats(self.path)
        head = _external.MAGIC_NUMBER + bytes(4)
        for number in (int(about["mtime"]), about["size"]):
            head += (number & 0xFFFFFFFF).to_bytes(4, "little")
        name = f"{base[:-3]}.{_tag}.pyc"
        # Debuggers step over what is frozen, and coverage is not measured of it: it is none of the program's code.
        own = f"<frozen interleave_probe/{base}>"
        for known in self.kept(name):
            if known[:16] == head:
                try:
                    code: "Any" = marshal.loads(known[16:])
                except (EOFError, ValueError, TypeError):  # half a file
                    continue
                _imp._fix_co_filename(code, own)  # type: ignore[attr-defined]
                return code  # type: ignore[no-any-return]
        source = self.get_data(self.path)
        flags = ANNOTATIONS if FUTURE in source else 0
        # Without what is there for readers.
        code = compile(source.replace(FUTURE, b"\n", 1), own, "exec", flags, True, 2)
        self.keep(name, head + marshal.dumps(code))
        return code  # type: ignore[no-any-return]

    def places(self) -> "Iterator[str]":
        """The folders."""
        yield _folders[0]
        if len(_folders) == 1:
            _folders.append(_user_folder())
        if _folders[1]:
            yield _folders[1]

    def kept(self, name: str) -> "Iterator[bytes]":
        """What the folders have under a name."""
        for folder in self.places():
            try:
                yield self.get_data(os.path.join(folder, name))
            except OSError:
                pass

    def keep(self, name: str, content: bytes) -> None:
        """Into the first folder that takes it. No room anywhere is none of the program's business."""
        for folder in self.places():
            path = os.path.join(folder, name)
            try:
                self.set_data(path, content, _mode=0o644)
                if self.get_data(path) == content:
                    return
            except OSError:
                pass


def _user_folder() -> str:
    """Where this user's programs keep what can be made again; empty when there is no such place."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "") or os.path.expanduser("~/.cache")
    if not os.path.isabs(base):
        return ""
    # What is another user's must not be run: with `sudo` the home folder may be one.
    if hasattr(os, "getuid") and os.path.isdir(base) and os.stat(base).st_uid != os.getuid():
        return ""
    # One for each place where a probe is installed.
    tail = "".join(char if char.isalnum() else "-" for char in _package[-120:])
    return os.path.join(base, "interleave", tail)
