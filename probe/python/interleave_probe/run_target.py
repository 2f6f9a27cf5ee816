"""Runs one test or one function of a file: `run_target.py KIND FILE NAME`, KIND being test, function or coroutine; or all
of its tests: `run_target.py tests FILE [ARGUMENT…]`.

A test is run by pytest where the project has it, else by unittest. A function must be callable without arguments.
"""

import os
import sys


def main() -> int:
    kind, path, *rest = sys.argv[1:]
    folder = os.path.dirname(os.path.abspath(path))
    # As `python FILE` would have it: the program's own folder comes first, not this script's.
    sys.path[0] = folder
    sys.argv = [path]
    if kind == "tests":
        return run_tests(path, rest)
    if kind == "test":
        return run_test(path, rest[0])
    return run_function(path, rest[0], kind == "coroutine")


def run_tests(path: str, arguments: list[str]) -> int:
    try:
        import pytest
    except ImportError:
        return run_unittests(path)
    return int(pytest.main(["-q", "-p", "no:cacheprovider", *arguments, path]))


def run_test(path: str, name: str) -> int:
    try:
        import pytest
    except ImportError:
        return run_unittest(path, name)
    return int(pytest.main(["-q", "-p", "no:cacheprovider", path + "::" + name.replace(".", "::")]))


def run_unittests(path: str) -> int:
    import types
    import unittest

    module = load(path)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    for name, one in list(vars(module).items()):
        if name.startswith("test") and isinstance(one, types.FunctionType):
            try:
                suite.addTest(as_test(module, name))
            except SystemExit as reason:
                print(reason, file=sys.stderr)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() else 1


def run_unittest(path: str, name: str) -> int:
    import unittest

    module = load(path)
    suite = as_test(module, name) or unittest.defaultTestLoader.loadTestsFromName(name, module)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() else 1


def as_test(module, name: str):  # type: ignore[no-untyped-def]
    """A test written for pytest, where there is no pytest; None for what unittest knows itself."""
    import asyncio
    import inspect
    import unittest

    owner, _, method = name.rpartition(".")
    holder = getattr(module, owner) if owner else module
    if inspect.isclass(holder):
        if issubclass(holder, unittest.TestCase):
            return None
        holder = holder()
    test = getattr(holder, method)
    if inspect.isclass(test):
        return None
    needed = [
        one.name
        for one in inspect.signature(test).parameters.values()
        if one.default is one.empty
        and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    ]
    if needed:
        raise SystemExit(
            f"{name} needs {', '.join(needed)}: install pytest into this Python to run it."
        )
    if inspect.iscoroutinefunction(test):
        return unittest.FunctionTestCase(lambda: asyncio.run(test()), description=name)
    return unittest.FunctionTestCase(test, description=name)


def run_function(path: str, name: str, is_coroutine: bool) -> int:
    function = getattr(load(path), name)
    if is_coroutine:
        import asyncio

        asyncio.run(function())
    else:
        function()
    return 0


def load(path: str):  # type: ignore[no-untyped-def]
    """Imports the file under its own name, so that pickled work and spawned children find it again."""
    import importlib.util

    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
