"""Builds the native core: here for this machine, or with `--all` for every platform that the package ships.

    python probe/native/build.py [--into FOLDER]     with the C compiler of this machine
    python probe/native/build.py --all               cross-compiled by PyPI's `ziglang` (pip install ziglang)
    python probe/native/build.py --all --free HEADERS    and for free-threaded builds: HEADERS is the include folder of a
                                                     CPython 3.13 or 3.14, free-threaded or not;
                                                     once for each version
    python probe/native/build.py --hash              prints the hash of the sources, as it is in every binary

The binary goes into the probe's package unless `--into` names another folder; its path is printed. It is built
against the limited API of 3.9, so the headers of any CPython from 3.9 on will do. Free-threaded builds have no limited API:
for them there is a smaller core, in the folder `free`, with a binary for each version.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import List, Optional, Tuple

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "python" / "interleave_probe"
SHIPPED = PACKAGE / "_native"
FLAGS = ["-std=gnu11", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-cast-function-type", "-Wno-missing-field-initializers"]

# Tag of native.py, zig's target, further flags.
TARGETS: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    ("linux-x86_64-gnu", "x86_64-linux-gnu.2.17", ("-lpthread",)),
    ("linux-aarch64-gnu", "aarch64-linux-gnu.2.17", ("-lpthread",)),
    ("linux-x86_64-musl", "x86_64-linux-musl", ()),
    ("linux-aarch64-musl", "aarch64-linux-musl", ()),
    ("darwin-x86_64", "x86_64-macos.11.0", ("-undefined", "dynamic_lookup")),
    ("darwin-arm64", "aarch64-macos.11.0", ("-undefined", "dynamic_lookup")),
    ("win-amd64", "x86_64-windows-gnu", ()),
)


# Of free-threaded builds: those whose frames and locks the smaller core knows. It shares these files with the other.
FREE = ("3.13", "3.14")
SHARED = ("acting.c", "asking.c", "clock.c", "frames.c", "makers.c", "mapping.c", "methods.c", "ring.c")


def sources(free: bool = False) -> List[Path]:
    """The C files, in an order that does not depend on the file system."""
    if free:
        return [*(HERE / name for name in SHARED), *sorted((HERE / "free").glob("*.c"))]
    return sorted(HERE.glob("*.c"))


def source_hash(free: bool = False) -> str:
    """What tells whether a binary was built from these sources."""
    digest = hashlib.sha256()
    headers = [*sorted(HERE.glob("*.h")), *(sorted((HERE / "free").glob("*.h")) if free else [])]
    for path in [*sources(free), *headers]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


def include() -> str:
    """The folder of Python.h; raises SystemExit with a sentence when it is not there."""
    folder = sysconfig.get_paths()["include"]
    if not os.path.exists(os.path.join(folder, "Python.h")):
        raise SystemExit(f"There is no Python.h in {folder}. Install this Python's development headers and try again.")
    return folder


def defines(free: bool = False) -> List[str]:
    api = "-DINTERLEAVE_FREE" if free else "-DPy_LIMITED_API=0x03090000"
    return [api, f'-DINTERLEAVE_BUILD="{source_hash(free)}"']


def version_of(headers: Path) -> str:
    """Of which Python they are: 3.13."""
    text = (headers / "patchlevel.h").read_text()
    found = [re.search(rf"#define PY_{name}_VERSION\s+(\d+)", text) for name in ("MAJOR", "MINOR")]
    return ".".join(match.group(1) for match in found if match)


def build_here(into: Path) -> Path:
    """Builds with the compiler that $CC names, or the first of cc, gcc and clang."""
    sys.path.insert(0, str(PACKAGE.parent))
    from interleave_probe.native_binary import is_free_threaded, platform_tag, suffix

    compiler = os.environ.get("CC") or next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if not compiler or sys.platform == "win32":
        raise SystemExit("No C compiler was found. Install gcc or clang, or use a shipped binary.")
    free = is_free_threaded()
    if free and "%d.%d" % sys.version_info[:2] not in FREE:
        raise SystemExit("There is no native core for free-threaded builds of this version.")
    target = into / (platform_tag() + suffix())
    link = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-lpthread"]
    command = [*compiler.split(), *FLAGS, "-fPIC", "-shared", *defines(free), "-I", include(), *map(str, sources(free)), *link]
    return produce(command, target)


def build_for(tag: str, zig_target: str, flags: Tuple[str, ...], into: Path, free: Optional[Path] = None) -> Path:
    """Cross-compiles for one platform; for free-threaded builds with the headers that are given."""
    windows = tag.startswith("win")
    version = version_of(free).replace(".", "") + "t" if free else ""
    # Across the files; zig's own linker for macOS and Windows cannot.
    whole = ["-flto"] if "linux" in tag else []
    kind = f".cp{version}" if free else "" if windows else ".abi3"
    target = into / (tag + kind + (".pyd" if windows else ".so"))
    with tempfile.TemporaryDirectory() as folder:
        headers = headers_for(zig_target, Path(folder), free)
        link: List[str] = list(flags)
        if windows:
            link.append(str(import_library(Path(folder), version)))
        else:
            link.append("-fPIC")
        command = [sys.executable, "-m", "ziglang", "cc", "-target", zig_target, *FLAGS, *whole, "-s", "-shared", *defines(bool(free))]
        return produce([*command, "-I", str(headers), *map(str, sources(bool(free))), *link], target)


def headers_for(zig_target: str, folder: Path, free: Optional[Path] = None) -> Path:
    """This Python's headers with a pyconfig.h that holds for every platform: the limited API needs little of it, and the smaller core
    not much more."""
    copied = folder / "include"
    shutil.copytree(free or include(), copied)
    windows = "windows" in zig_target
    (copied / "pyconfig.h").write_text(
        "#define SIZEOF_VOID_P 8\n#define SIZEOF_SIZE_T 8\n#define SIZEOF_WCHAR_T " + ("2" if windows else "4") + "\n"
        "#define SIZEOF_LONG " + ("4" if windows else "8") + "\n#define SIZEOF_INT 4\n#define SIZEOF_SHORT 2\n"
        "#define SIZEOF_LONG_LONG 8\n#define SIZEOF_PID_T " + ("8" if windows else "4") + "\n#define SIZEOF_OFF_T 8\n"
        "#define SIZEOF_FLOAT 4\n#define SIZEOF_DOUBLE 8\n#define SIZEOF_TIME_T 8\n#define SIZEOF_HKEY 8\n"
        "#define HAVE_STDARG_PROTOTYPES 1\n#define HAVE_WCHAR_H 1\n#define HAVE_STDDEF_H 1\n#define WITH_THREAD 1\n"
        "#define HAVE_SYS_TYPES_H 1\n#define HAVE_STDINT_H 1\n#define HAVE_INTTYPES_H 1\n"
        + ("#define Py_GIL_DISABLED 1\n" if free else "")
        + (
            "#define MS_WINDOWS 1\n#define MS_WIN64 1\n#define Py_ENABLE_SHARED 1\n#define NT_THREADS 1\n"
            "#define HAVE_DECLSPEC_DLL 1\n#define HAVE_IO_H 1\n"
            if windows
            else "#define HAVE_UNISTD_H 1\n#define HAVE_PTHREAD_H 1\n#define HAVE_SYS_STAT_H 1\n#define HAVE_SYS_TIME_H 1\n"
        )
    )
    return copied


def import_library(folder: Path, version: str = "") -> Path:
    """What lets a Windows binary find CPython's functions in python3.dll, or python313t.dll: made from the names that the core uses."""
    dll = f"python{version or 3}.dll"
    definition = folder / "python3.def"
    names = "\n".join(f"    {name}" for name in needed_names(version))
    # Data needs to be said; the interpreter's own types and singletons are all that is used of it.
    text = f"LIBRARY {dll}\nEXPORTS\n" + names + "\n"
    definition.write_text(text)
    library = folder / "libpython3.a"
    subprocess.run(
        [sys.executable, "-m", "ziglang", "dlltool", "-m", "i386:x86-64", "-d", str(definition), "-l", str(library), "-D", dll],
        check=True,
    )
    return library


def needed_names(version: str = "") -> List[str]:
    """The names of CPython's that the core asks for, read from the Linux binary."""
    linux = SHIPPED / f"linux-x86_64-gnu.{f'cp{version}' if version else 'abi3'}.so"
    names = sorted([*undefined_symbols(linux), "PyErr_SetFromWindowsErrWithFilename"])
    data = ("_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct")
    return [name + (" DATA" if name in data or name.startswith("PyExc_") or name.endswith("_Type") else "") for name in names]


def undefined_symbols(binary: Path) -> List[str]:
    """CPython's names in the dynamic symbol table of an ELF binary: (Py…, _Py…), undefined there."""
    data = binary.read_bytes()
    if data[:4] != b"\x7fELF":
        raise ValueError(f"{binary} is no ELF file")
    import struct

    offset = struct.unpack_from("<Q", data, 0x28)[0]
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + index * size) for index in range(count)]
    found = set()
    for section in sections:
        if section[1] != 11:  # SHT_DYNSYM
            continue
        strings = sections[section[6]]
        for at in range(section[4], section[4] + section[5], 24):
            name, info, other, index = struct.unpack_from("<IBBH", data, at)
            start = strings[4] + name
            text = data[start : data.index(b"\0", start)].decode()
            if index == 0 and text.startswith(("Py", "_Py")):
                found.add(text)
    return sorted(found)


def produce(command: List[str], target: Path) -> Path:
    """Runs the compiler and puts the result in its place at once, so that nobody loads half a binary."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + f".{os.getpid()}")
    # By its bare name: a Mach-O library keeps the path that it was written to.
    result = subprocess.run([*command, "-o", fresh.name], cwd=fresh.parent, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        raise SystemExit(f"{target.name} could not be built:\n{result.stderr}")
    if result.stderr.strip():
        print(result.stderr, file=sys.stderr)
    os.replace(fresh, target)
    for leftover in fresh.parent.glob(f"*.{os.getpid()}*"):
        leftover.unlink()
    for leftover in target.parent.glob("*.pdb"):
        leftover.unlink()
    for leftover in target.parent.glob("*.lib"):
        leftover.unlink()
    return target


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description="Builds the probe's native core.")
    parser.add_argument("--all", action="store_true", help="for every shipped platform, with ziglang")
    parser.add_argument("--only", metavar="TAG", help="with --all: this platform alone")
    parser.add_argument("--free", metavar="HEADERS", type=Path, action="append", default=[], help="with --all: also for free-threaded builds")
    parser.add_argument("--hash", action="store_true", help="print the hash of the sources")
    parser.add_argument("--into", type=Path, default=SHIPPED, help="folder for the result")
    given = parser.parse_args(arguments)
    if given.hash:
        print(source_hash())
    elif given.all:
        for headers in given.free:
            if version_of(headers) not in FREE:
                raise SystemExit(f"{headers}: the core for free-threaded builds knows {', '.join(FREE)} only.")
        for tag, zig_target, flags in TARGETS:
            if given.only not in (None, tag):
                continue
            for headers in (None, *given.free):
                path = build_for(tag, zig_target, flags, given.into, headers)
                print(path, path.stat().st_size)
    else:
        print(build_here(given.into))


if __name__ == "__main__":
    main()
