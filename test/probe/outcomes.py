"""What who starts a program sees of it: the same with and without the probe."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Optional, Sequence, Tuple

from recording import environment, read

Outcome = Tuple[str, str, int]
# name -> (flags of the interpreter, source); what must be the same is printed.
Programs = Dict[str, Tuple[Sequence[str], str]]

CORES = ("native", "python")


def bare_environment() -> Dict[str, str]:
    """The environment without what starts a probe or changes a Python."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("INTERLEAVE", "PYTHON"))
    }


def outcome(
    python: str, source: str, env: Optional[Dict[str, str]], flags: Sequence[str] = ()
) -> Outcome:
    """Output, errors and exit status of a source text that runs as a file, alone in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(source)
        done = subprocess.run(
            [python, *flags, str(path)],
            capture_output=True,
            text=True,
            env=env,
            cwd=folder,
            timeout=120,
        )
        return (
            done.stdout.replace(folder, "FOLDER"),
            done.stderr.replace(folder, "FOLDER"),
            done.returncode,
        )


def check_same(test: unittest.TestCase, programs: Programs) -> None:
    """Each program does the same under either core, and the probe was there."""
    bare = bare_environment()
    for name, (flags, source) in programs.items():
        expected = outcome(sys.executable, source, bare, flags)
        for core in CORES:
            with test.subTest(name, core=core), tempfile.TemporaryDirectory() as folder:
                env = environment(folder, f"core={core}", bare)
                test.assertEqual(outcome(sys.executable, source, env, flags), expected)
                test.assertTrue(read(folder), "the probe was not there")
