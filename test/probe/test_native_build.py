"""The native core's binaries fit their sources, ask only for what CPython promises to keep, and its ring is the format's."""

import importlib
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native, native_binary
from recording import ROOT, _records

sys.path.insert(0, str(ROOT / "probe" / "native"))
build: Any = importlib.import_module("build")

SHIPPED = sorted(path for path in build.SHIPPED.glob("*") if path.suffix in (".so", ".pyd"))
# Of the names with an underscore these are in the stable ABI, and those that end in _SizeT.
STABLE = ("_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "_Py_Dealloc")
# And these are what the headers of free-threaded builds make of Py_DECREF.
FREE = ("_Py_DecRefShared", "_Py_MergeZeroLocalRefcount")


def is_free(path: Path) -> bool:
    """Whether a binary is for free-threaded builds of one version: linux-x86_64-gnu.cp313t.so."""
    return re.search(r"\.cp3\d+t\.", path.name) is not None


class BinariesTest(unittest.TestCase):
    @unittest.skipUnless(SHIPPED, "no binaries are here")
    def test_every_binary_was_built_from_these_sources(self) -> None:
        wanted = {free: build.source_hash(free).encode() for free in (False, True)}
        for free, each in ((False, 1), (True, len(build.FREE))):
            names = [path.name.split(".")[0] for path in SHIPPED if is_free(path) == free]
            self.assertEqual(sorted(names), sorted(each * [tag for tag, _, _ in build.TARGETS]))
        stale = [path.name for path in SHIPPED if wanted[is_free(path)] not in path.read_bytes()]
        self.assertEqual(
            stale,
            [],
            "run: python probe/native/build.py --all --free HEADERS (needs pip install ziglang)",
        )

    @unittest.skipUnless(SHIPPED, "no binaries are here")
    def test_they_do_not_say_where_they_were_built(self) -> None:
        for path in SHIPPED:
            self.assertNotIn(b"/interleave_probe/_native", path.read_bytes(), path.name)

    @unittest.skipUnless(SHIPPED, "no binaries are here")
    def test_they_stay_small(self) -> None:
        self.assertLess(sum(path.stat().st_size for path in SHIPPED), 2_600_000)

    @unittest.skipUnless(SHIPPED, "no binaries are here")
    def test_they_have_the_entry_and_ask_for_nothing_private(self) -> None:
        for path in SHIPPED:
            with self.subTest(path=path.name):
                self.assertIn(b"PyInit__native", path.read_bytes())
                if path.name.startswith("linux"):
                    names = build.undefined_symbols(path)
                    self.assertTrue(names)
                    self.assertEqual(
                        [
                            n
                            for n in names
                            if n.startswith("_Py")
                            and n not in (STABLE + FREE if is_free(path) else STABLE)
                            and not n.endswith("_SizeT")
                        ],
                        [],
                    )

    def test_it_has_every_function_that_the_probe_calls(self) -> None:
        # What it is called by is typed as anything: nobody else would say that a name is wrong.
        core = native.find({})
        if core is None:
            self.skipTest("the native core does not run here")
        folder = ROOT / "probe" / "python" / "interleave_probe"
        paths, called, elsewhere = sorted(folder.glob("*.py")), r"_?core|session\.native", set()
        if hasattr(core, "free"):
            # The one that sees locks alone: who asks for it by that name, and what both are for.
            paths = [folder / name for name in ("costs.py", "native.py", "native_waits.py")]
            called, elsewhere = r"(?:lock)?_?core", {"use_sink", "install_simple"}
        for path in paths:
            names = re.findall(rf"\b(?:{called})\.([a-z_]\w*)", path.read_text("utf-8"))
            missing = [name for name in names if not hasattr(core, name) and name not in elsewhere]
            self.assertEqual(missing, [], path.name)

    @unittest.skipIf(sys.platform == "win32", "needs a Unix compiler")
    def test_no_function_hides_another_of_the_same_name(self) -> None:
        # What comes from all files is put into one module; the last of a name wins.
        for free, least in ((False, 60), (True, 25)):
            found = []
            for path in build.sources(free):
                text = path.read_text()
                for table in re.findall(r"PyMethodDef methods\[\] = \{(.*?)NULL, NULL", text, re.S):
                    names = re.findall(r'\{"(\w+)",', table)
                    # Those of types are theirs.
                    if path.name not in ("locks.c", "rlocks.c", "ring.c", "semlocks.c"):
                        found += names
            self.assertGreater(len(found), least)
            self.assertEqual(sorted({name for name in found if found.count(name) > 1}), [])

    def test_it_builds_here_without_a_warning(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            script = ROOT / "probe" / "native" / "build.py"
            made = subprocess.run(
                [sys.executable, str(script), "--into", folder],
                capture_output=True,
                text=True,
                timeout=120,
            )
            reasons = ("No C compiler", "no Python.h", "for free-threaded builds of this version")
            if made.returncode and any(reason in made.stderr for reason in reasons):
                self.skipTest(made.stderr.strip())
            self.assertEqual((made.returncode, made.stderr), (0, ""))
            path = made.stdout.strip()
            module = native_binary.load(path)
            self.assertEqual(module.build, build.source_hash(native_binary.is_free_threaded()))
            self.assertEqual(module.interface, native_binary.INTERFACE)


@unittest.skipIf(native.find({}) is None, "there is no native core for this interpreter")
class NativeRingTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "1-1.ring")
        self.Ring = native.find({}).Ring  # type: ignore[union-attr]

    def records(self) -> Any:
        data = Path(self.path).read_bytes()
        capacity = int.from_bytes(data[32:40], "little")
        return capacity, *_records(data, capacity)

    def test_what_is_written_is_read_back(self) -> None:
        ring = self.Ring(self.path, 100_000, 7, 9)
        ring.emit(96, 1, 2, 3, 4, 5)
        ring.emit_at(96, 0xFFFF, 0xFFFFFFFF, 123456789012345, 0xFFFFFFFF, -1, 0)
        ring.set_overhead(42)
        ring.close()
        data = Path(self.path).read_bytes()
        self.assertEqual(data[:8], b"ILVRING1")
        fields = [int.from_bytes(data[at : at + 8], "little") for at in range(16, 72, 8)]
        self.assertEqual(fields[:4], [7, 9, 0, 2])
        self.assertGreater(fields[4], 0)
        self.assertEqual(fields[5:], [42, 0])
        capacity, records, torn = self.records()
        self.assertEqual((capacity, torn), (0, 0))
        self.assertEqual([(r.aux, r.actor, r.a, r.b, r.c) for r in records],
                         [(1, 2, 3, 4, 5), (0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)])  # fmt: skip
        self.assertEqual(records[1].at, 123456789012345)
        ring.release()
        self.assertEqual(os.path.getsize(self.path), 4096 + 2 * 32)

    def test_it_grows_over_steps_and_then_goes_round(self) -> None:
        ring = self.Ring(self.path, 40_000, 1, 1)
        for number in range(100_000):
            ring.emit(96, 0, 0, number)
        capacity, records, torn = self.records()
        self.assertEqual((capacity, torn), (40_000, 0))
        self.assertEqual([r.a for r in records], list(range(60_000, 100_000)))
        ring.release()

    def test_no_descriptor_stays_open(self) -> None:
        if not os.path.isdir("/proc/self/fd"):
            self.skipTest("needs /proc")
        before = os.listdir("/proc/self/fd")
        ring = self.Ring(self.path, 100_000, 1, 1)
        self.assertEqual(os.listdir("/proc/self/fd"), before)
        for number in range(90_000):
            ring.emit(96, 0, 0, number)
        self.assertEqual(os.listdir("/proc/self/fd"), before)
        capacity, records, torn = self.records()
        self.assertEqual((capacity, len(records), torn), (0, 90_000, 0))
        ring.release()
        self.assertEqual(os.listdir("/proc/self/fd"), before)

    def test_another_file_in_its_place_is_left_alone(self) -> None:
        ring = self.Ring(self.path, 100_000, 1, 1)
        os.rename(self.path, self.path + ".moved")
        Path(self.path).write_bytes(b"mine")
        for number in range(90_000):
            ring.emit(96, 0, 0, number)
        self.assertGreater(ring.capacity, 0)
        ring.release()
        self.assertEqual(Path(self.path).read_bytes(), b"mine")

    @unittest.skipUnless(hasattr(os, "fork"), "needs setrlimit")
    def test_no_space_ends_the_growth_and_nothing_else(self) -> None:
        # Room for a step and a part of one, for a part of the first only, and for next to nothing.
        for room in (1_500_000, 300 << 10, 10 << 10):
            with self.subTest(room=room):
                self.check_room(room)
                os.remove(self.path)

    def check_room(self, room: int) -> None:
        source = (
            "import resource, signal, sys\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
            f"sys.path.insert(0, {str(ROOT / 'probe' / 'python')!r})\n"
            "from interleave_probe import native\n"
            f"ring = native.find({{}}).Ring({self.path!r}, 10_000_000, 1, 1)\n"
            "for number in range(200_000): ring.emit(96, 0, 0, number)\n"
            "print(ring.capacity)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", source], capture_output=True, text=True, timeout=60
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        capacity, records, torn = self.records()
        self.assertEqual((capacity, len(records), torn), (int(done.stdout), capacity, 0))
        self.assertEqual(records[-1].a, 199_999)
        self.assertGreater(capacity * 32, room // 8)

    def test_wrong_use_is_refused(self) -> None:
        ring = self.Ring(self.path, 10, 1, 1)
        for arguments in ((), (1, 2), (1, 2, 3, 4, 5, 6, 7), ("a", 1, 1)):
            with self.assertRaises(TypeError):
                ring.emit(*arguments)
        with self.assertRaises(OSError):
            self.Ring(self.path, 10, 1, 1)  # it is there already
        with self.assertRaises(ValueError):
            self.Ring(self.path + "0", 0, 1, 1)
        ring.release()
        ring.emit(1, 1, 1)  # nothing happens


if __name__ == "__main__":
    unittest.main()
