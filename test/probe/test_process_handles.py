"""What processes share where handles say nothing: names handed over beside the recording, and edits that fit on every system."""

import os
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parent))
import recording  # noqa: F401  (makes the probe's package known)

# isort: split
from interleave_probe import process_handles as handles


class HandlesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.session = cast(Any, SimpleNamespace(folder=folder.name, pid=os.getpid()))

    def test_what_was_said_last_of_a_handle_counts(self) -> None:
        handles.give(self.session, 7, 12, "sem:a")
        handles.give(self.session, 7, 112, "sem:b")
        handles.give(self.session, 8, 12, "sem:c")
        handles.give(self.session, 7, 12, "sem:d")
        self.assertEqual(handles.given(self.session, 7, 12), "sem:d")
        self.assertEqual(handles.given(self.session, 8, 12), "sem:c")
        self.assertEqual(handles.given(self.session, 8, 112), "")
        self.assertEqual(handles.given(self.session, 9, 12), "")

    def test_a_folder_that_is_gone_is_nobodys_trouble(self) -> None:
        self.session.folder = os.path.join(self.session.folder, "gone")
        handles.give(self.session, 7, 12, "sem:a")
        self.assertEqual(handles.given(self.session, 7, 12), "")

    def test_a_connection_keeps_its_number_and_another_gets_another(self) -> None:
        class End:
            pass

        one, other = End(), End()
        number = handles.number_of(self.session, one)
        self.assertEqual(handles.number_of(self.session, one), number)
        self.assertNotEqual(handles.number_of(self.session, other), number)
        self.assertEqual(handles.name(other, number), number)
        self.assertEqual(handles.number_of(self.session, other), number)


if __name__ == "__main__":
    unittest.main()
