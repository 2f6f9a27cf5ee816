"""What the editor starts for one test or function: it runs as if the file did, and its own frames are nobody's business."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = os.path.join(HERE, "..", "..", "probe", "python", "interleave_probe", "run_target.py")
PROGRAM = """
    import sys
    import unittest

    def greet():
        print("function", sys.path[0] == DIRECTORY, __name__)

    async def greet_later():
        print("coroutine")

    def test_alone():
        print("alone")

    async def test_later():
        print("later")

    def test_wrong():
        assert 1 == 2

    def test_with_fixture(tmp_path):
        print("never")

    class TestPlain:
        def test_plain(self):
            print("plain")

    class TestGreeting(unittest.TestCase):
        def test_good(self):
            print("test")

        def test_bad(self):
            self.fail("as it should")
"""


class RunTarget(unittest.TestCase):
    def run_target(self, kind: str, *name: str) -> "subprocess.CompletedProcess[str]":
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"DIRECTORY = {folder!r}\n" + textwrap.dedent(PROGRAM))
            return subprocess.run(
                [sys.executable, RUNNER, kind, path, *name],
                capture_output=True,
                text=True,
                timeout=60,
            )

    def test_all_tests_of_a_file_are_run(self) -> None:
        for without in ("", "import sys; sys.modules['pytest'] = None\n"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "test_program.py")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"DIRECTORY = {folder!r}\n" + textwrap.dedent(PROGRAM))
                with open(os.path.join(folder, "sitecustomize.py"), "w", encoding="utf-8") as file:
                    file.write(without)
                ran = subprocess.run(
                    [sys.executable, RUNNER, "tests", path],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    env={**os.environ, "PYTHONPATH": folder},
                )
            said = ran.stdout + ran.stderr
            self.assertEqual(ran.returncode, 1, said)
            self.assertIn("1 == 2", said)
            self.assertIn("as it should", said)
            self.assertNotIn("Error in", said)

    def test_function(self) -> None:
        run = self.run_target("function", "greet")
        self.assertEqual((run.returncode, run.stdout), (0, "function True program\n"), run.stderr)

    def test_coroutine(self) -> None:
        run = self.run_target("coroutine", "greet_later")
        self.assertEqual((run.returncode, run.stdout), (0, "coroutine\n"), run.stderr)

    def test_tests(self) -> None:
        self.assertEqual(self.run_target("test", "TestGreeting.test_good").returncode, 0)
        self.assertNotEqual(self.run_target("test", "TestGreeting.test_bad").returncode, 0)
        self.assertEqual(self.run_target("test", "TestGreeting").returncode, 1)

    @unittest.skipIf(importlib.util.find_spec("pytest"), "pytest is there and runs them itself")
    def test_tests_written_for_pytest_without_it(self) -> None:
        for name, said in (
            ("test_alone", "alone"),
            ("test_later", "later"),
            ("TestPlain.test_plain", "plain"),
        ):
            run = self.run_target("test", name)
            self.assertEqual((run.returncode, run.stdout), (0, said + "\n"), run.stderr)
        self.assertEqual(self.run_target("test", "test_wrong").returncode, 1)
        run = self.run_target("test", "test_with_fixture")
        self.assertEqual(run.returncode, 1)
        self.assertIn("needs tmp_path: install pytest", run.stderr)


if __name__ == "__main__":
    unittest.main()
