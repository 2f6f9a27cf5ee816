"""Definitions: one JSON object a line, ids that stay, no frames of the probe, nothing beyond the limit."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import recording  # noqa: F401  (puts the probe on the path)

# isort: split
from interleave_probe import native_binary
from interleave_probe.sink import Sink, _quote_slowly, encode


class SinkTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "1-1.defs")
        self.sink = Sink(self.path, 100_000)
        self.addCleanup(self.sink.close)

    def lines(self) -> "list[dict[str, object]]":
        return [json.loads(line) for line in Path(self.path).read_text("ascii").splitlines()]

    def test_encode_is_json(self) -> None:
        value = {"a": [1, -2, 1.5, None, True, False, 'é\n"\\\ud800\U0001f600'], "b": {"c": ("x",)}}
        self.assertEqual(json.loads(encode(value)), json.loads(json.dumps(value)))
        self.assertEqual(encode(float("nan")), "null")
        self.assertRaises(TypeError, encode, object())

    def test_each_way_to_quote_says_the_same(self) -> None:
        ways = [_quote_slowly]
        for path in native_binary.candidates(None):
            if os.path.exists(path) and sys.implementation.name == "cpython":
                native: Any = native_binary.load(path)
                ways.append(native.quote)
        low = "".join(map(chr, range(300)))
        texts = ["", "a b~", '"\\/', low, "\ud800x\udfff", "\U0001f600\U0010ffff" * 99]
        for text in texts:
            for quote in ways:
                self.assertEqual(json.loads(quote(text)), text)
                self.assertTrue(quote(text).isascii())
        self.assertRaises(TypeError, ways[-1], 1)

    def test_the_same_thing_keeps_its_id_and_is_written_once(self) -> None:
        first, second = self.sink.string("a"), self.sink.string("b")
        self.assertEqual((first, second, self.sink.string("a")), (1, 2, 1))
        site = self.sink.site("f.py", 3, "f")
        stack = self.sink.stack_of([site])
        self.assertEqual(
            (self.sink.site("f.py", 3, "f"), self.sink.stack_of((site,))), (site, stack)
        )
        chain = self.sink.chain([(1, stack)])
        self.assertEqual(self.sink.chain([(1, stack)]), chain)
        self.assertEqual(
            [line["def"] for line in self.lines()], ["string", "string", "site", "stack", "chain"]
        )
        self.assertEqual(self.lines()[-1]["held"], [[1, stack]])

    def test_a_stack_starts_at_the_frame_and_says_the_line_of_each_call(self) -> None:
        def inner() -> int:
            return self.sink.stack(sys._getframe())

        number = inner()
        sites = {line["id"]: line for line in self.lines() if line["def"] == "site"}
        stack = next(line for line in self.lines() if line["def"] == "stack")
        self.assertEqual(stack["id"], number)
        names = [str(sites[site]["function"]).rsplit(".", 1)[-1] for site in stack["sites"]]  # type: ignore[attr-defined]
        self.assertEqual(
            names[:2], ["inner", "test_a_stack_starts_at_the_frame_and_says_the_line_of_each_call"]
        )
        top, below = (sites[site] for site in stack["sites"][:2])  # type: ignore[index]
        first = inner.__code__.co_firstlineno
        self.assertEqual((top["line"], below["line"]), (first + 1, first + 3))
        self.assertTrue(
            all(
                os.path.isabs(str(site["file"])) or str(site["file"]).startswith("<")
                for site in sites.values()
            )
        )

    def test_two_calls_on_different_lines_of_a_frame_are_two_stacks(self) -> None:
        frame = sys._getframe()
        one = self.sink.stack(frame)
        two = self.sink.stack(frame)
        self.assertNotEqual(one, two)

    def test_deep_stacks_are_cut_at_the_outer_end(self) -> None:
        def deep(left: int) -> int:
            return deep(left - 1) if left else self.sink.stack(sys._getframe())

        deep(100)
        stack = next(line for line in self.lines() if line["def"] == "stack")
        self.assertEqual(len(stack["sites"]), 32)  # type: ignore[arg-type]

    def test_beyond_the_limit_everything_is_none_and_counted(self) -> None:
        sink = Sink(self.path + "2", 200)
        self.addCleanup(sink.close)
        ids = [sink.string("x" * 30 + str(number)) for number in range(10)]
        self.assertEqual(ids, [1, 2, 3] + [0] * 7)
        self.assertEqual(sink.lost, 7)
        self.assertLessEqual(os.path.getsize(self.path + "2"), 200)
        self.assertEqual(sink.string("x" * 30 + "0"), 1)

    @unittest.skipUnless(os.path.isdir("/proc/self/fd"), "descriptors are counted in /proc")
    def test_no_descriptor_is_kept(self) -> None:
        before = os.listdir("/proc/self/fd")
        self.sink.string("one")
        self.assertEqual(os.listdir("/proc/self/fd"), before)

    @unittest.skipIf(sys.platform == "win32", "no limit to lower")
    def test_what_waits_in_vain_is_lost_at_the_end_and_counted(self) -> None:
        can_open = False
        sink = Sink(self.path + "2", 100_000, lambda _, data: len(data) if can_open else -1)
        self.assertTrue(sink.write("{}\n") and sink.write("{}\n"))
        self.assertEqual(sink.lost, 0)
        sink.give_up()  # as after a chroot, or as another user
        self.assertEqual(sink.lost, 2)
        self.assertTrue(sink.write("{}\n"))
        can_open = True
        sink.give_up()
        self.assertEqual(sink.lost, 2)

    def test_lines_wait_while_no_descriptor_is_free(self) -> None:
        import resource

        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        try:
            self.assertEqual(self.sink.string("early"), 1)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        self.assertEqual(self.sink.string("late"), 2)
        self.assertEqual([line["text"] for line in self.lines()], ["early", "late"])
        self.assertEqual(self.sink.lost, 0)


if __name__ == "__main__":
    unittest.main()
