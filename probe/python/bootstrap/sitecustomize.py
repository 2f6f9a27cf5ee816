"""Starts the probe in every Python that inherits the environment, then lets the user's own sitecustomize run."""


def _start() -> None:
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
        # Into our own folder compiled code may always be written; compiling anew costs every start 100 ms.
        dont_write, sys.dont_write_bytecode = sys.dont_write_bytecode, False
        since = getattr(time, "thread_time_ns", lambda: 0)()
        try:
            import interleave_probe

            options = os.environ.get("INTERLEAVE_OPTIONS", "")
            interleave_probe.install(folder, options, since)
        except Exception:
            if os.environ.get("INTERLEAVE_DEBUG"):
                raise
        finally:
            sys.dont_write_bytecode = dont_write
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


try:
    _start()
finally:
    _chain()
del _start, _chain
