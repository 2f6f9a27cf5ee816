"""Changes in the program's library code that can be taken back: attributes and what follows an import."""

from __future__ import annotations

import os
import sys
from types import FunctionType, ModuleType

from . import edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional

_MISSING = object()
_DEBUG = bool(os.environ.get("INTERLEAVE_DEBUG"))


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


_waiting: Dict[str, List[Callable[[ModuleType], None]]] = {}


def _put_back(owner: object, name: str, new: object, original: object) -> None:
    if vars(owner).get(name) is not new:
        return
    if original is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, original)


_hooked = False
_original_load: Optional[FunctionType] = None


def _hook_imports() -> None:
    """Has the import system's own loader say what is loaded, unseen in `sys.meta_path`, in tracebacks and by what counts frames."""
    global _hooked, _original_load
    bootstrap = sys.modules.get("_frozen_importlib")
    original = getattr(bootstrap, "_load_unlocked", None)
    if bootstrap is None or original is None or _hooked:
        return
    waiting, ready = _waiting, _ready
    _hooked = True
    told = "if spec.name in _interleave_waiting: _interleave_ready(spec.name, module)"
    if edits.edit(
        original, [("return module", "before", told)], {"waiting": waiting, "ready": ready}
    ):
        return

    # The library came without its source: one frame more, then.
    def _load_unlocked(spec):  # type: ignore[no-untyped-def]
        module = original(spec)
        if spec.name in waiting:
            ready(spec.name, module)
        return module

    # Frames of the import system's own file are cut out of tracebacks of failing imports, and those whose globals name
    # it are passed over by debuggers.
    code = _load_unlocked.__code__.replace(co_filename=original.__code__.co_filename)
    _original_load = original
    bootstrap._load_unlocked = FunctionType(  # type: ignore[attr-defined]
        code, vars(bootstrap), "_load_unlocked", None, _load_unlocked.__closure__
    )


def unhook_imports() -> None:
    """Leaves the import system as it was; its edited code goes with the other edits."""
    global _hooked, _original_load
    _waiting.clear()
    bootstrap = sys.modules.get("_frozen_importlib")
    if _original_load is not None and bootstrap is not None:
        bootstrap._load_unlocked = _original_load  # type: ignore[attr-defined]
    _hooked, _original_load = False, None


def _ready(name: str, module: ModuleType) -> None:
    from . import costs

    begun, counted = costs.begin()
    _tell(name, module)
    costs.loaded(costs.own_time() - begun, counted)


def _tell(name: str, module: ModuleType) -> None:
    for callback in _waiting.pop(name, ()):
        try:
            callback(module)
        except Exception as error:
            # A fault of the probe's is no fault of the import's; what a signal handler raises is the program's.
            probe = sys.modules[__package__]
            if _DEBUG or not probe._ours(error):
                raise
            if probe.session is not None:
                probe.session.say_blind(
                    f"What is to be seen of '{name}' could not be added: {type(error).__name__}: {error}"
                )
