"""Runs Python programs under the probe and reads back what they recorded: a second, small reader of the format."""

import json
import os
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence

ROOT = Path(__file__).resolve().parents[2]
PROBE = ROOT / "probe" / "python"
sys.path.insert(0, str(PROBE))

from interleave_probe import kinds as kinds  # noqa: E402

KIND_NAMES = {value: name[5:] for name, value in vars(kinds).items() if name.startswith("KIND_")}
_RECORD = struct.Struct("<BBHIQIIII")


@dataclass(frozen=True)
class Record:
    """One record; `kind` by name, as THREAD_START."""

    kind: str
    aux: int
    actor: int
    at: int
    a: int
    b: int
    c: int


@dataclass
class Stream:
    """What one process wrote."""

    name: str
    header: Dict[str, int]
    records: List[Record]
    definitions: Dict[str, Dict[int, Dict[str, Any]]]
    process: Dict[str, Any]
    torn: int = 0
    processes: List[Dict[str, Any]] = field(default_factory=list)

    def of(self, *names: str) -> List[Record]:
        """The records of these kinds, in order."""
        return [record for record in self.records if record.kind in names]

    def define(self, kind: str, id: int) -> Dict[str, Any]:
        """A definition; KeyError when a record refers to one that is not there."""
        return self.definitions[kind][id]

    def stack(self, id: int) -> List[str]:
        """`file.py:line function` per frame, innermost first."""
        if not id:
            return []
        sites = [self.define("site", site) for site in self.define("stack", id)["sites"]]
        return [f"{os.path.basename(s['file'])}:{s['line']} {s['function']}" for s in sites]

    def lines(self, id: int, file: str) -> List[int]:
        """The lines of one file (base name) in a stack, innermost first."""
        if not id:
            return []
        sites = [self.define("site", site) for site in self.define("stack", id)["sites"]]
        return [s["line"] for s in sites if os.path.basename(s["file"]) == file]

    def objects(self, type: str, library: str) -> Dict[int, Dict[str, Any]]:
        """The program's objects of a type, by id; not those that a library keeps for itself."""
        return {
            id: each
            for id, each in self.definitions["object"].items()
            if (each["type"], each["library"]) == (type, library) and not each.get("internal")
        }

    def thread(self, name: str) -> int:
        """Id of the thread of this name; KeyError when there is none or more than one."""
        found = [t["id"] for t in self.definitions["thread"].values() if t["name"] == name]
        if len(found) != 1:
            raise KeyError(f"{len(found)} threads named {name}")
        return int(found[0])


@dataclass
class Run:
    """A finished program and its recording."""

    code: Optional[int]
    stdout: str
    stderr: str
    streams: List[Stream]

    @property
    def main(self) -> Stream:
        """The stream of the program's first process."""
        return next(s for s in self.streams if s.process.get("how") == "main")


def line_of(source: str, mark: str) -> int:
    """The line that ends with the comment `# mark`."""
    return next(n for n, line in enumerate(source.splitlines(), 1) if line.endswith("# " + mark))


def pythons() -> List[str]:
    """The interpreter to test: `npm test` runs these files once with each that is there."""
    return [sys.executable]


def environment(
    folder: str, options: str = "", base: Optional[Dict[str, str]] = None
) -> Dict[str, str]:
    """The environment that puts the probe into a Python and its children."""
    env = dict(os.environ if base is None else base)
    paths = [str(PROBE / "bootstrap")] + ([env["PYTHONPATH"]] if env.get("PYTHONPATH") else [])
    env["PYTHONPATH"] = os.pathsep.join(paths)
    env["INTERLEAVE_RECORDING"] = folder
    if options:
        env["INTERLEAVE_OPTIONS"] = options
    return env


def run(
    source: str,
    *args: str,
    python: str = sys.executable,
    options: str = "core=python",
    timeout: float = 30,
    name: str = "program.py",
    env: Optional[Dict[str, str]] = None,
    flags: Sequence[str] = (),
) -> Run:
    """Runs a source text as a file under the probe. A program that outlives `timeout` is killed: `code` is None."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / name
        path.write_text(source, encoding="utf-8")
        folder = Path(temporary) / "recording"
        folder.mkdir()
        process = subprocess.Popen(
            [python, *flags, str(path), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(str(folder), options, env),
            cwd=temporary,
            start_new_session=True,
        )
        code: Optional[int]
        try:
            stdout, stderr = process.communicate(timeout=timeout)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            stdout, stderr = process.communicate()
            code = None
        return Run(code, stdout, stderr, read(folder))


def read(folder: "str | Path") -> List[Stream]:
    """All streams of a recording folder, oldest first."""
    names = sorted(
        (p.stem for p in Path(folder).glob("*.defs")), key=lambda n: int(n.split("-")[1], 16)
    )
    return [_stream(Path(folder), name) for name in names]


def _stream(folder: Path, name: str) -> Stream:
    definitions: Dict[str, Dict[int, Dict[str, Any]]] = {
        kind: {} for kind in ("string", "site", "stack", "thread", "task", "object", "chain")
    }
    process: Dict[str, Any] = {}
    processes = []
    for line in (folder / f"{name}.defs").read_bytes().split(b"\n")[:-1]:
        item = json.loads(line)
        if item["def"] == "process":
            process = item
            processes.append(item)
        else:
            definitions[item["def"]][item["id"]] = item
    ring = folder / f"{name}.ring"
    data = ring.read_bytes() if ring.exists() else b""
    header = {}
    if len(data) >= 4096:
        if data[:8] != kinds.RING_MAGIC:
            raise ValueError(f"{name}: not a ring")
        fields = struct.unpack_from("<IIQQQQQQQ", data, 8)
        keys = (
            "version",
            "record",
            "pid",
            "started",
            "capacity",
            "head",
            "closed",
            "overhead",
            "dropped",
        )
        header = dict(zip(keys, fields))
    records, torn = _records(data, header.get("capacity", 0))
    return Stream(name, header, records, definitions, process, torn, processes)


def _records(data: bytes, capacity: int) -> "tuple[List[Record], int]":
    slots = list(_slots(data))
    torn = 0
    if capacity:
        # Laps are counted modulo 256: the position is found from seq alone, exact below 2**32.
        slots = slots[:capacity]
    found = []
    for index, slot in enumerate(slots):
        seq = slot[8]
        if seq == 0:
            torn += 1 if any(s[8] for s in slots[index + 1 : index + 2]) else 0
            continue
        position = seq - 1
        expected = position % capacity if capacity else position
        if expected != index or slot[1] != ((position // capacity) & 255 if capacity else 0):
            torn += 1
            continue
        found.append((position, slot))
    found.sort(key=lambda pair: pair[0])
    records = [
        Record(KIND_NAMES.get(s[0], str(s[0])), s[2], s[3], s[4], s[5], s[6], s[7])
        for _, s in found
    ]
    return records, torn


def _slots(data: bytes) -> "Iterator[tuple[int, ...]]":
    # What was never written is zero, and there may be 64 MiB of it.
    usable = (len(data.rstrip(b"\0")) - 4096 + 31) // 32 * 32
    data = data[: 4096 + usable].ljust(4096 + usable, b"\0")
    if usable > 0:
        yield from _RECORD.iter_unpack(data[4096 : 4096 + usable])
