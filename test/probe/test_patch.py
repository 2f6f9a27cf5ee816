"""What the probe changes in the library fits it, and a fault of its own is no fault of what the program imports."""

import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from interleave_probe import edits
from recording import run


class PatchTest(unittest.TestCase):
    def test_an_import_goes_on_when_its_callback_fails(self) -> None:
        recorded = run(
            """
import sys
probe = sys.modules["interleave_probe"]
sys.modules["interleave_probe.patch"]._DEBUG = False
probe.session.patches.on_import("colorsys", probe._add_late)  # which wants two arguments
import colorsys
print(colorsys.__name__)
"""
        )
        self.assertEqual((recorded.code, recorded.stdout, recorded.stderr), (0, "colorsys\n", ""))
        blind = recorded.main.process["blind"]
        self.assertTrue(any("'colorsys' could not be added" in one for one in blind), blind)

    def test_a_rule_that_reads_what_the_function_does_not_have_is_refused(self) -> None:
        # RLock() lost its arguments with 3.15: a rule that passed them on broke every program that made one.
        before = threading.settrace.__code__
        for bad in ("_trace_hook = gone", "_trace_hook = [gone for _ in ()]"):
            self.assertFalse(
                edits.edit(threading.settrace, [("_trace_hook = func", "replace", bad)], {})
            )
        self.assertIs(threading.settrace.__code__, before)
        good = "_trace_hook = [func for func in (func,)][0]"
        try:
            self.assertTrue(
                edits.edit(threading.settrace, [("_trace_hook = func", "replace", good)], {})
            )
        finally:
            edits.restore_all()
        self.assertIs(threading.settrace.__code__, before)

    def test_what_a_program_raises_meanwhile_is_its_own(self) -> None:
        recorded = run(
            """
import sys
sys.modules["interleave_probe.patch"]._DEBUG = False
def signal_handler(_):
    raise KeyError("mine")
sys.modules["interleave_probe"].session.patches.on_import("colorsys", signal_handler)
try:
    import colorsys
except KeyError as error:
    print(error)
"""
        )
        self.assertEqual((recorded.code, recorded.stdout, recorded.stderr), (0, "'mine'\n", ""))


if __name__ == "__main__":
    unittest.main()
