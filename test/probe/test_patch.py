"""A fault of the probe's own is no fault of what the program imports."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from recording import run


class PatchTest(unittest.TestCase):
    def test_an_import_goes_on_when_its_callback_fails(self) -> None:
        recorded = run(
            """
import sys
probe = sys.modules["interleave_probe"]
sys.modules["interleave_probe.patch"]._DEBUG = False
probe.session.patches.on_import("colorsys", probe._number)  # which wants two arguments
import colorsys
print(colorsys.__name__)
"""
        )
        self.assertEqual((recorded.code, recorded.stdout, recorded.stderr), (0, "colorsys\n", ""))
        blind = recorded.main.process["blind"]
        self.assertTrue(any("'colorsys' could not be added" in one for one in blind), blind)

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
