"""Tests of programs freeze the clocks and put functions of their own into `os` and all modules: the probe keeps to its own."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from recording import run

# Everything that waits, is made or comes to an end, with source files nobody has seen yet.
WORK = '''
import asyncio, queue, threading, time
from concurrent.futures import ThreadPoolExecutor
WORK = """
def work(lock, inbox, pool):
    for number in range(5):
        with lock: inbox.put(number)
    return pool.submit(sum, range(5)).result()
async def loop(count):
    lock, inbox = asyncio.Lock(), asyncio.Queue()
    async def one(number):
        async with lock: await asyncio.sleep(0)
        await inbox.put(number)
    await asyncio.gather(*[one(number) for number in range(count)])
    await asyncio.wait_for(asyncio.Event().wait(), 0.05)
"""
def go(name):
    made = {"asyncio": asyncio}
    exec(compile(WORK, name, "exec"), made)
    lock, inbox, done = threading.Lock(), queue.Queue(), []
    with ThreadPoolExecutor(2) as pool:
        lock.acquire()
        threads = [threading.Thread(target=lambda: done.append(made["work"](lock, inbox, pool))) for _ in range(3)]
        for thread in threads: thread.start()
        pause(0.05)
        lock.release()
        for thread in threads: thread.join()
    print(done, inbox.qsize())
    try: loop.run_until_complete(made["loop"](3))
    except asyncio.TimeoutError: print("late")
pause, loop = time.sleep, asyncio.new_event_loop()
'''

# The clocks as a tool that freezes time does it: wherever a module knows one of them by whatever name.
FROZEN = (
    WORK
    + """
import sys
real = {getattr(time, name): name for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")}
def swap(old, new):
    for module in list(sys.modules.values()):
        if module is None or module.__name__.partition(".")[0] in ("asyncio", "threading", "queue", "concurrent"): continue
        for name, value in list(vars(module).items()):
            for index, one in enumerate(old):
                if value is one: setattr(module, name, new[index])
old = list(real)
new = [(lambda *a: 1_300_000_000_000_000_000) if name.endswith("_ns") else (lambda *a: 1_300_000_000.0) for name in real.values()]
asyncio.events.time = asyncio.base_events.time = type("time", (), {"monotonic": staticmethod(time.monotonic)})
swap(old, new)
go("frozen.py")
print(time.time())
swap(new, old)
"""
)

# Functions that refuse, as a detector of blocking calls or a faked file system has them.
REFUSED = (
    WORK
    + """
import builtins, os, os.path
class Refused(BaseException): pass
def refuse(*a, **k): raise Refused()
kept = {}
for module, names in ((os, "stat getcwd open read write close listdir getpid fsencode"), (os.path, "abspath exists isfile join normpath"), (builtins, "open")):
    for name in names.split():
        kept[module, name] = getattr(module, name)
        setattr(module, name, refuse)
try: go("refused.py")
finally:
    for (module, name), own in kept.items(): setattr(module, name, own)
"""
)


class Swapped(unittest.TestCase):
    """With either core: the program's output as without the probe, nothing said on its stderr, and a recording with true times."""

    def test_frozen_clocks(self) -> None:
        for options in ("detail=full", "core=python"):
            with self.subTest(options):
                stream = self.same(FROZEN, options)
                waits = [r for r in stream.records if r.kind.startswith("WAIT")]
                self.assertTrue(waits)
                ends = sorted(r.at for r in stream.records)
                # Ten minutes: far from a frozen clock's distance to any time this machine has been up.
                self.assertLess(ends[-1] - ends[0], 600e9)

    def test_functions_that_refuse(self) -> None:
        for options in ("detail=full", "core=python"):
            with self.subTest(options):
                stream = self.same(REFUSED, options)
                files = {one["file"] for one in stream.definitions["site"].values()}
                self.assertTrue([f for f in files if f.endswith("refused.py")], files)

    def same(self, program: str, options: str):  # type: ignore[no-untyped-def]
        """The stream of a run whose output is that of a bare one."""
        bare = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual((bare.returncode, bare.stderr), (0, ""))
        probed = run(program, options=options, flags=["-W", "ignore"])
        self.assertEqual((probed.code, probed.stdout, probed.stderr), (0, bare.stdout, ""))
        self.assertIn("late", bare.stdout)
        return probed.main


if __name__ == "__main__":
    unittest.main()
