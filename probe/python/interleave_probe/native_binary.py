"""The native core's binary: where it lies, which interpreters it is for, and how it is loaded."""

from __future__ import annotations

import _imp
import os
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

# Grows when the two sides of `_native` no longer fit each other.
INTERFACE = 3
NAME = "interleave_probe._native.core"
_HERE = os.path.abspath(sys.modules[__package__].__path__[0])
# Newer versions keep their frames and locks in another way.
VERSIONS = ((3, 9), (3, 16))


def candidates(given: Optional[str]) -> List[str]:
    """Where the binary may lie: one that was named, else the one shipped for this platform."""
    shipped = os.path.join(_HERE, "_native", platform_tag() + suffix())
    return [given, shipped] if given else [shipped]


def suffix() -> str:
    """One binary serves all versions, but for free-threaded builds, where each has its own."""
    windows = sys.platform == "win32"
    if is_free_threaded():
        return f".cp3{sys.version_info[1]}t" + (".pyd" if windows else ".so")
    return ".pyd" if windows else ".abi3.so"


def is_free_threaded() -> bool:
    """Whether this interpreter was built to run without the GIL, whether it does or not."""
    return "t" in (getattr(sys, "abiflags", "") or "") or "free-threading" in sys.version


def platform_tag() -> str:
    """Names a platform as the shipped binaries do: linux-x86_64-gnu, linux-aarch64-musl, darwin-arm64, win-amd64…"""
    if sys.platform == "win32":
        return "win-" + ("arm64" if "ARM64" in sys.version else "amd64")
    machine = os.uname().machine
    if sys.platform == "darwin":
        return f"darwin-{machine}"
    return f"{sys.platform}-{machine}-{_c_library()}"


def _c_library() -> str:
    """Asked of the library itself: of interpreters built for musl not all say so in their names."""
    try:
        return "gnu" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
    except (OSError, ValueError):
        return "musl"


def load(path: str) -> ModuleType:
    """Loads an extension from a file, without asking the program's import hooks and without a trace in sys.modules."""
    loading = sys.modules["_frozen_importlib"]
    external = sys.modules["_frozen_importlib_external"]
    name = NAME.rpartition(".")[0].rpartition(".")[0] + "._native"
    loader = external.ExtensionFileLoader(name, path)
    spec = loading.ModuleSpec(name, loader, origin=path)
    module = _imp.create_dynamic(spec)
    _imp.exec_dynamic(module)
    return module
