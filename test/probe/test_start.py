"""A start of the probe is short: it loads few modules of the library, and none that is read from a source file."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Optional, Set

sys.path.insert(0, str(Path(__file__).resolve().parent))
from recording import environment

MODULES = "import sys; print(*sys.modules)"
# Part of the interpreter, or small: `collections` and `functools` alone would take as long as all the rest.
BUILT_IN = {"_collections", "_functools", "atexit", "gc", "itertools", "types"}
PYTHON_CORE = {"_ctypes", "_json", "_struct", "mmap", "struct"}


def modules(env: Optional[Dict[str, str]] = None) -> Set[str]:
    done = subprocess.run(
        [sys.executable, "-c", MODULES], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return set(done.stdout.split())


class Start(unittest.TestCase):
    def test_what_a_start_loads(self) -> None:
        bare = modules()
        for options, more in (("", set()), ("core=python", PYTHON_CORE)):
            with self.subTest(options), tempfile.TemporaryDirectory() as folder:
                env = environment(folder, options)
                modules(env)  # the first one may have to compile the probe's own
                loaded = {
                    name for name in modules(env) - bare if not name.startswith("interleave_probe")
                }
                # Where no native core fits, the Python one runs in any case.
                allowed = BUILT_IN | more | (PYTHON_CORE if sys.version_info >= (3, 15) else set())
                self.assertLessEqual(loaded, allowed)


class Ends(unittest.TestCase):
    def test_a_thread_object_that_outlives_the_probes_names(self) -> None:
        program = (
            "import sys, threading\n"
            "class Held(threading.Thread):\n"
            "    def __init__(self): super().__init__(); self.me = self\n"
            "one = Held(); one.start(); one.join()\n"
            "sys.modules['kept'] = one; sys.kept = one; del one\n"
        )
        for options in ("", "core=python"):
            with self.subTest(options), tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(
                    [sys.executable, "-c", program],
                    env=environment(folder, options),
                    stderr=subprocess.PIPE,
                    text=True,
                    check=True,
                )
                self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
