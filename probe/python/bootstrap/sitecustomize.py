"""Starts the probe in every Python that inherits the environment, then lets the user's own sitecustomize run."""


def _begin() -> None:
    # Where no folder can be written this file is compiled at every start: as little as can be is here.
    import marshal
    import os
    import sys
    import time

    since = getattr(time, "thread_time_ns", lambda: 0)()
    here = os.path.dirname(os.path.abspath(__file__))
    package = os.path.join(os.path.dirname(here), "interleave_probe")
    source = os.path.join(package, "loading.py")
    core = "python" if "core=python" in os.environ.get("INTERLEAVE_OPTIONS", "") else "start"
    name = f"{core}.{sys.implementation.cache_tag}.{sys.flags.optimize}.kept"
    kept = None
    try:
        about = os.stat(source)
        with open(os.path.join(package, "__pycache__", name), "rb") as file:
            kept = marshal.loads(file.read())
        if kept[0] != (sys.version, about.st_mtime_ns, about.st_size):
            kept = None
    except (OSError, EOFError, ValueError, TypeError, LookupError):
        pass
    if kept is None:
        with open(source, "rb") as file:
            code = compile(file.read(), "<frozen interleave_probe/loading.py>", "exec", 0, True, 2)
    names = {"__name__": "interleave_probe.loading", "__builtins__": __builtins__}
    exec(kept[1] if kept else code, names)
    names["start"](here, package, name, kept, since)  # type: ignore[operator]


_begin()
