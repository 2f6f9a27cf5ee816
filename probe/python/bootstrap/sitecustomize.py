"""Starts the probe in every Python that inherits the environment, then lets the user's own sitecustomize run."""


def _start(keep_compiled) -> None:  # type: ignore[no-untyped-def]
    import os
    import sys
    import time

    here = os.path.dirname(os.path.abspath(__file__))
    # Children find this folder through the environment; the program itself need not see it.
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    folder = os.environ.get("INTERLEAVE_RECORDING")
    if folder and sys.version_info >= (3, 9):
        parent = os.path.dirname(here)
        sys.path.insert(0, parent)
        since = getattr(time, "thread_time_ns", lambda: 0)()
        try:
            keep_compiled(parent, os.path.join(parent, "interleave_probe"))
            import interleave_probe

            options = os.environ.get("INTERLEAVE_OPTIONS", "")
            interleave_probe.install(folder, options, since)
        except Exception:
            if os.environ.get("INTERLEAVE_DEBUG"):
                raise
        finally:
            sys.path.remove(parent)
            sys.path_importer_cache.pop(parent, None)


def _chain() -> None:
    """Imports the next sitecustomize on the path in our place; its errors are the user's and are told by `site`."""
    import sys

    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        if "sitecustomize" not in sys.modules and ours is not None:
            sys.modules["sitecustomize"] = ours


def _keep_compiled(parent: str, package: str) -> None:
    """Has the probe's own modules, and only them, loaded in a way that always finds a place for compiled code.

    Compiling costs a start 100 ms: `-B`, a folder that cannot be written or a prefix that the program has for its own
    compiled code must not make every start pay.
    """
    import _imp
    import marshal
    import os
    import sys

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from types import ModuleType
        from typing import Iterator

    external = sys.modules["_frozen_importlib_external"]
    tag = str(sys.implementation.cache_tag)
    if sys.flags.optimize:
        tag += f".opt-{sys.flags.optimize}"

    def user_folder() -> str:
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
        tail = "".join(char if char.isalnum() else "-" for char in package[-120:])
        return os.path.join(base, "interleave", tail)

    folders = [os.path.join(package, "__pycache__")]

    class Loader(external.SourceFileLoader):  # type: ignore[misc, name-defined]
        """As the usual one, but compiled code is kept beside the source, or else in the user's cache folder."""

        def exec_module(self, module: "ModuleType") -> None:
            # Measurers of coverage would believe it rather than the code's own name.
            vars(module).pop("__file__", None)
            super().exec_module(module)

        def get_code(self, fullname: str) -> object:
            about = self.path_stats(self.path)
            head = external.MAGIC_NUMBER + bytes(4)
            for number in (int(about["mtime"]), about["size"]):
                head += (number & 0xFFFFFFFF).to_bytes(4, "little")
            base = os.path.basename(self.path)
            name = f"{base[:-3]}.{tag}.pyc"
            # Debuggers step over what is frozen, and coverage is not measured of it: it is none of the program's code.
            own = f"<frozen interleave_probe/{base}>"
            for known in self.kept(name):
                if known[:16] == head:
                    try:
                        code = marshal.loads(known[16:])
                    except (EOFError, ValueError, TypeError):  # half a file
                        continue
                    _imp._fix_co_filename(code, own)  # type: ignore[attr-defined]
                    return code
            code = self.source_to_code(self.get_data(self.path), own)
            self.keep(name, head + marshal.dumps(code))
            return code

        def places(self) -> "Iterator[str]":
            """The folders; the second is looked for when the first has not been enough."""
            yield folders[0]
            if len(folders) == 1:
                folders.append(user_folder())
            if folders[1]:
                yield folders[1]

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

    # The loader goes on working when the program runs, perhaps in a debugger: the same holds for its own code.
    _imp._fix_co_filename(  # type: ignore[attr-defined]
        sys._getframe().f_code, "<frozen interleave_probe/sitecustomize.py>"
    )
    globals().pop("__file__", None)
    for folder in (parent, package):
        sys.path_importer_cache[folder] = external.FileFinder(folder, (Loader, [".py"]))


try:
    _start(_keep_compiled)
finally:
    _chain()
del _start, _keep_compiled, _chain
