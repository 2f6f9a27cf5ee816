"""Handles of event loops: the native core makes those of call_soon(), and they are what asyncio would have made."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from interleave_probe import native
from recording import run

HANDLES = """
import asyncio, contextvars, gc, sys, threading, weakref
from asyncio import events

number = contextvars.ContextVar("number", default=0)
said = []

def attributes(handle):
    return {name: getattr(handle, name) for name in events.Handle.__slots__ if name not in ("__weakref__", "_callback")}

async def usual(loop):
    number.set(1)
    handle = loop.call_soon(said.append, "a")
    shown = attributes(handle)
    print(type(handle) is events.Handle, shown.pop("_loop") is loop, shown.pop("_context").get(number), shown)
    print(handle._callback == said.append, "append" in repr(handle), handle.cancelled(), gc.is_tracked(handle), sys.getrefcount(handle) < 5)
    own = contextvars.copy_context()
    own.run(number.set, 7)
    given = loop.call_soon(lambda: said.append(number.get()), context=own)
    print(given._context is own)
    cancelled = loop.call_soon(said.append, "never")
    cancelled.cancel()
    print(cancelled.cancelled(), cancelled._callback, cancelled._args)
    gone = weakref.ref(loop.call_soon(print, "gone soon"))
    number.set(2)
    loop.call_soon(lambda: said.append(("copied", number.get())))
    number.set(3)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(said, gone())

async def refused(loop):
    for ask in (lambda: loop.call_soon(), lambda: loop.call_soon(print, contxt=1)):
        try:
            ask()
        except TypeError as error:
            print(error)
    loop.set_exception_handler(lambda loop, context: print(context["message"].split(" at ")[0], repr(context["exception"])))
    loop.call_soon(None)
    loop.call_soon(print, context=3)
    await asyncio.sleep(0.01)

async def debugging(loop):
    loop.set_debug(True)
    handle = loop.call_soon(said.append, "b")
    print(handle._source_traceback[-1].name, handle._source_traceback[-1].line)
    thread = threading.Thread(target=from_thread, args=(loop,))
    thread.start()
    thread.join()
    loop.set_debug(False)
    print(loop.call_soon(said.append, "c")._source_traceback)

def from_thread(loop):
    try:
        loop.call_soon(said.append, "thread")
    except RuntimeError as error:
        print(error)

class Own(asyncio.SelectorEventLoop):
    def _call_soon(self, callback, args, context):
        said.append("own")
        return super()._call_soon(callback, args, context)

class Counting(events.Handle):
    __slots__ = ()
    made = 0

    def __init__(self, *args):
        Counting.made += 1
        super().__init__(*args)

async def other_handles(loop):
    events.Handle, before = Counting, events.Handle
    try:
        print(type(loop.call_soon(said.append, "d")).__name__, Counting.made)
        await asyncio.sleep(0)
    finally:
        events.Handle = before
    print(type(loop.call_soon(said.append, "e")).__name__)

async def from_another(loop):
    await asyncio.sleep(0)
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(said.append, "safe"))
    thread.start()
    await asyncio.sleep(0.05)
    thread.join()
    print("safe" in said)

async def queue_of_its_own(loop):
    ready = loop._ready
    loop._ready = type("Ready", (type(ready),), {"append": lambda self, item: (said.append("ready"), super(type(self), self).append(item))[1]})(ready)
    loop.call_soon(said.append, "f")
    print(said[-1])
    await asyncio.sleep(0)

def go(main, loop):
    asyncio.set_event_loop(loop)
    said.clear()
    loop.run_until_complete(main(loop))
    print(main.__name__, said)

for main in usual, refused, debugging, other_handles, from_another, queue_of_its_own:
    loop = asyncio.SelectorEventLoop()
    go(main, loop)
    loop.close()
    try:
        loop.call_soon(print, 1)
    except RuntimeError as error:
        print(error)
go(usual, Own())

init = events.Handle.__init__
def counted(self, *args, **named):
    said.append("init")
    init(self, *args, **named)
events.Handle.__init__ = counted
go(usual, asyncio.SelectorEventLoop())
"""

CALLED = """
import asyncio, sys

async def main():
    await asyncio.sleep(0)
    called = []
    sys.setprofile(lambda frame, event, what: called.append(frame.f_code.co_name) if event == "call" else None)
    asyncio.get_running_loop().call_soon(print)
    sys.setprofile(None)
    print([name for name in called if "interleave" not in name])

asyncio.run(main())
"""

UNINSTALLED = """
import asyncio, interleave_probe

async def main():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    interleave_probe.uninstall()
    for _ in range(3):
        print(type(loop.call_soon(print, "called")).__name__)
        await asyncio.sleep(0)

asyncio.run(main())
"""

CORES = ["core=python"] + (["core=native"] if native.find({}) is not None else [])


def bare(source: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(source)
        done = subprocess.run(
            [sys.executable, str(path)], stdout=subprocess.PIPE, text=True, check=True, cwd=folder
        )
    return done.stdout


class Handles(unittest.TestCase):
    def test_they_are_as_asyncio_makes_them(self) -> None:
        expected = bare(HANDLES)
        self.assertIn("['init', 'init'", expected)
        for options in CORES:
            with self.subTest(options):
                under = run(HANDLES, options=options)
                self.assertEqual((under.code, under.stdout), (0, expected), under.stderr)

    @unittest.skipUnless("core=native" in CORES, "there is no native core for this interpreter")
    def test_the_native_core_makes_them_with_less_calls(self) -> None:
        self.assertIn("_call_soon", bare(CALLED))
        self.assertEqual(run(CALLED, options="core=native").stdout.splitlines()[0], "['call_soon']")

    def test_they_are_made_after_the_probe_has_gone(self) -> None:
        for options in CORES:
            with self.subTest(options):
                under = run(UNINSTALLED, options=options)
                self.assertEqual(
                    (under.code, under.stdout), (0, "Handle\ncalled\n" * 3), under.stderr
                )


if __name__ == "__main__":
    unittest.main()
