"""The ring file: what is written is read back, in laps, by many threads, after kills, and never beyond its space."""

import gc
import mmap
import os
import re
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Tuple
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent))
from recording import ROOT, _records, kinds, read, run

# isort: split
from interleave_probe import files
from interleave_probe import ring as module
from interleave_probe.ring import Ring


class RingTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "1-1.ring")

    def ring(self, limit: int) -> Ring:
        ring = Ring(self.path, limit, 1, 1)
        self.addCleanup(ring.release)
        return ring

    def records(self, ring: Ring):  # type: ignore[no-untyped-def]
        data = Path(self.path).read_bytes()
        capacity = int.from_bytes(data[32:40], "little")
        return capacity, *_records(data, capacity)

    def test_the_native_cores_numbers_are_the_same(self) -> None:
        source = (ROOT / "probe" / "native" / "core.h").read_text()
        found = re.findall(r"\b((?:KIND|WAIT|OWNER|RESULT|ACQUIRED)_\w+) = (\w+)", source)
        self.assertGreater(len(found), 20)
        for name, number in found:
            if name != "ACQUIRED_BACK":  # of the core alone
                self.assertEqual(
                    getattr(kinds, name.replace("ACQUIRED", "ACQUIRE")), int(number, 0), name
                )

    def test_numbers_equal_those_of_the_contract(self) -> None:
        source = (ROOT / "wire" / "recording.ts").read_text()
        source = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
        found = 0
        tables = {
            "KIND": "KIND",
            "WAIT": "WAIT",
            "OWNER": "OWNER",
            "WAIT_RESULT": "RESULT",
            "ACQUIRE": "ACQUIRE",
        }
        tables.update({name: name for name in ("TASK_END", "SAMPLE", "START", "REASON")})
        for table, prefix in tables.items():
            body = re.search(rf"export const {table} = {{(.*?)}} as const", source, re.S)
            assert body is not None
            for name, number in re.findall(r"(\w+): (\d+)", body.group(1)):
                constant = f"{prefix}_" + re.sub("([A-Z])", r"_\1", name).upper()
                self.assertEqual(getattr(kinds, constant), int(number), constant)
                found += 1
        self.assertEqual(
            found,
            sum(
                1
                for name in vars(kinds)
                if name.split("_")[0]
                in (
                    "KIND",
                    "WAIT",
                    "OWNER",
                    "RESULT",
                    "ACQUIRE",
                    "TASK",
                    "SAMPLE",
                    "START",
                    "REASON",
                )
            )
            - 3,
        )  # WAIT_TIMEOUT, OWNER_REFRESH and TASK_BIT are no table entries

    def test_written_fields_come_back(self) -> None:
        ring = self.ring(10)
        ring.emit_at(200, 0x1FFFF, 2**32 + 7, 2**63, -1, 2**32, 5)
        _, records, torn = self.records(ring)
        self.assertEqual(torn, 0)
        record = records[0]
        self.assertEqual(
            (record.kind, record.aux, record.actor, record.at, record.a, record.b, record.c),
            ("200", 0xFFFF, 7, 2**63, 2**32 - 1, 0, 5),
        )

    def test_the_file_grows_by_steps_and_then_wraps(self) -> None:
        ring = self.ring(50_000)
        for number in range(45_000):
            ring.emit(1, 0, 0, number)
        capacity, records, _ = self.records(ring)
        self.assertEqual(capacity, 0)
        self.assertEqual([r.a for r in records], list(range(45_000)))
        for number in range(45_000, 130_000):
            ring.emit(1, 0, 0, number)
        capacity, records, torn = self.records(ring)
        self.assertEqual((capacity, torn), (50_000, 0))
        self.assertEqual([r.a for r in records], list(range(80_000, 130_000)))
        self.assertEqual((ring.head, ring.dropped), (130_000, 0))

    def test_no_space_ends_the_growth(self) -> None:
        ring = self.ring(1 << 20)
        full = []

        def no_space(start: int, length: int) -> bool:
            full.append(start)
            return False

        ring._allocate = no_space  # type: ignore[method-assign]
        for number in range(20_000):
            ring.emit(1, 0, 0, number)
        capacity, records, torn = self.records(ring)
        self.assertEqual((capacity, torn, len(full)), (8192, 0, 1))
        self.assertEqual([r.a for r in records], list(range(20_000 - 8192, 20_000)))

    def test_threads_share_it_without_losing_or_mixing(self) -> None:
        ring = self.ring(1 << 20)

        def write(thread: int) -> None:
            for number in range(20_000):
                ring.emit(1, thread, thread, number, thread * number, thread)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _, records, torn = self.records(ring)
        self.assertEqual((len(records), torn, ring.dropped), (80_000, 0, 0))
        for thread_id in range(1, 5):
            own = [r for r in records if r.actor == thread_id]
            self.assertEqual([r.a for r in own], list(range(20_000)))
            self.assertTrue(all(r.b == thread_id * r.a and r.c == r.aux == thread_id for r in own))

    def test_release_gives_the_rest_of_the_file_back_and_takes_no_more(self) -> None:
        ring = self.ring(1 << 20)
        ring.emit(1, 0, 0, 5)
        ring.release()
        self.assertEqual(os.path.getsize(self.path), 4096 + 32)
        ring.emit(1, 0, 0, 6)
        self.assertEqual(ring.dropped, 1)

    @unittest.skipUnless(os.path.isdir("/proc/self/fd"), "descriptors are counted in /proc")
    def test_where_files_have_no_holes_it_is_mapped_anew_for_each_step(self) -> None:
        def whole(fd: int, size: int) -> Tuple[mmap.mmap, bool]:
            return mmap.mmap(fd, size), False

        with patch.object(module, "REMAPS", True), patch.object(files, "map_file", whole):
            ring = self.ring(60_000)
            self.assertLess(os.path.getsize(self.path), 300_000)
            for number in range(70_000):
                ring.emit(1, 0, 1, number)
        capacity, records, torn = self.records(ring)
        self.assertEqual((capacity, ring.dropped, torn), (60_000, 0, 0))
        self.assertEqual([record.a for record in records][-1], 69_999)

    def test_no_descriptor_is_kept(self) -> None:
        before = os.listdir("/proc/self/fd")
        ring = self.ring(100_000)
        for number in range(50_000):
            ring.emit(1, 0, 0, number)
        self.assertEqual(os.listdir("/proc/self/fd"), before)
        _, records, _ = self.records(ring)
        self.assertEqual(len(records), 50_000)

    def test_a_map_that_dies_closes_nothing_of_the_programs(self) -> None:
        ring = self.ring(1000)
        mine = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
        for fd in mine:
            self.addCleanup(os.close, fd)
        ring.release()
        del ring
        gc.collect()
        for fd in mine:
            os.fstat(fd)


class CrashTest(unittest.TestCase):
    def ends(self, how: str) -> "tuple[int, ...]":
        source = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT / "probe" / "python")!r})
import interleave_probe
ring = interleave_probe.session.ring
for number in range(20000):
    ring.emit(96, 0, 77, number)
{how}
"""
        result = run(source)
        return tuple(r.a for r in result.main.of("MARK") if r.actor == 77)

    def test_everything_before_the_end_is_there(self) -> None:
        wanted = tuple(range(20_000))
        for how in ("", "os._exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", "os.abort()"):
            with self.subTest(how or "normal end"):
                self.assertEqual(self.ends(how), wanted)

    def test_a_goodbye_is_stamped_only_when_there_was_one(self) -> None:
        self.assertGreater(run("pass").main.header["closed"], 0)
        killed = run("import os; os.kill(os.getpid(), 9)")
        self.assertEqual(killed.main.header["closed"], 0)
        self.assertEqual(killed.code, -9)

    def test_a_fork_writes_into_a_stream_of_its_own(self) -> None:
        result = run(
            """
import os, threading, time
threading.Thread(target=time.sleep, args=(0.3,)).start()
pid = os.fork()
if not pid:
    t = threading.Thread(target=int, name="in-child"); t.start(); t.join()
    os._exit(0)
os.waitpid(pid, 0)
print(pid)
"""
        )
        self.assertEqual((result.code, result.stderr.count("Error")), (0, 0), result.stderr)
        self.assertEqual(len(result.streams), 2)
        parent = result.main
        child = next(s for s in result.streams if s is not parent)
        self.assertEqual((child.process["how"], child.process["parent"]), ("fork", parent.name))
        self.assertEqual(child.process["pid"], int(result.stdout))
        self.assertTrue(child.thread("in-child"))
        self.assertNotIn("in-child", [t["name"] for t in parent.definitions["thread"].values()])
        (fork,) = parent.of("PROCESS_FORK")
        self.assertEqual(fork.c, 1)
        self.assertEqual(parent.lines(fork.b, "program.py"), [4])


class BudgetTest(unittest.TestCase):
    def test_rings_stay_within_their_share(self) -> None:
        source = """
import os, sys
for _ in range(3):
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        break
"""
        with tempfile.TemporaryDirectory():
            result = run(source, options="core=python;budget=8000000")
        self.assertEqual(len(result.streams), 4)

    def test_an_unwritable_folder_leaves_the_program_alone(self) -> None:
        import subprocess

        from recording import environment

        env = environment("/nonexistent/folder")
        done = subprocess.run(
            [sys.executable, "-c", "print(1)"], env=env, capture_output=True, text=True
        )
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("1\n", "", 0))

    def test_a_limit_on_file_sizes_leaves_the_program_alone(self) -> None:
        import resource
        import subprocess

        from recording import environment

        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", "import threading; print(1)"],
                env=environment(folder, "core=python"),
                capture_output=True,
                text=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16)),
            )
            self.assertEqual((done.stdout, done.stderr, done.returncode), ("1\n", "", 0))
            self.assertEqual([s.records for s in read(folder)], [[]] * len(read(folder)))


if __name__ == "__main__":
    unittest.main()
