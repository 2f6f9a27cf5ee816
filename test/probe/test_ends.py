"""What the probe knows of things ends with them: memory of long runs, and addresses that others take."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from interleave_probe import native
from recording import run

HAS_NATIVE = native.find({}) is not None
WAYS = [*(["core=native", "core=native;detail=full"] if HAS_NATIVE else []), "core=python"]

# All alive at once, so that each has an address of its own; then none of them.
MANY = """
import asyncio, concurrent.futures, gc, queue, sys, threading, time
import interleave_probe

N = 250

def sizes():
    found = {}
    places = [(key, vars(module)) for key, module in sys.modules.items() if key.startswith("interleave_probe")]
    for name, space in places + [("session", vars(interleave_probe.session))]:
        for key, value in list(space.items()):
            if not isinstance(value, (str, bytes, range)) and hasattr(type(value), "__len__"):
                found[name + "." + key] = len(value)
    return found

def of_threads():
    kept = []
    for number in range(N):
        things = lock, again, condition, event, permits, bounded = (
            threading.Lock(), threading.RLock(), threading.Condition(), threading.Event(),
            threading.Semaphore(2), threading.BoundedSemaphore(1),
        )
        lines = queue.Queue(), queue.SimpleQueue(), queue.LifoQueue()
        with lock, again, permits, bounded: pass
        with condition: condition.notify(); condition.wait(0.00001)
        permits.release()
        threading.Semaphore(0).release()
        for line in lines: line.put(1); line.get()
        left = threading.Lock(), threading.Semaphore(1)
        for one in left: one.acquire()
        kept.append((things, lines, left))
    for _ in range(N // 4):
        pool = concurrent.futures.ThreadPoolExecutor(1)
        kept.append((pool, pool.submit(abs, 1).result()))
        pool.shutdown()

async def held(lock):
    async with lock: await asyncio.sleep(0)

async def of_tasks():
    kept = []
    for number in range(N):
        things = lock, event, condition, permits, bounded, line = (
            asyncio.Lock(), asyncio.Event(), asyncio.Condition(), asyncio.Semaphore(2),
            asyncio.BoundedSemaphore(1), asyncio.Queue(2),
        )
        async with lock, permits, bounded: await asyncio.sleep(0)
        async with condition: condition.notify()
        event.set(); await event.wait(); await line.put(1); await line.get()
        await asyncio.gather(held(lock), held(lock))
        left = asyncio.Lock(), asyncio.Semaphore(1)
        for one in left: await one.acquire()
        kept.append((things, left))
    await asyncio.gather(*[asyncio.create_task(asyncio.sleep(0.01)) for _ in range(N)])

of_threads(), asyncio.run(of_tasks())  # what is learned once
for part in of_threads, lambda: asyncio.run(of_tasks()):
    gc.collect()
    before = sizes()
    part()
    gc.collect()
    time.sleep(1.3)  # the watcher says the last of them, and looks after pools
    after = sizes()
    # Which nestings have been told is kept, of 20 000.
    print({key: after[key] - before.get(key, 0) for key in after
        if after[key] - before.get(key, 0) >= N // 4 and not key.endswith((".aio_objects._told", ".semaphores._nested"))})
"""

# Taken while somebody looks, given back when nobody does any more.
GIVEN_BACK = """
import asyncio
from interleave_probe import aio_objects

async def hold(lock, end):
    async with lock: await end.wait()

async def main():
    for _ in range(40):
        end = asyncio.Event()
        tasks = [asyncio.create_task(hold(asyncio.Lock(), end)) for _ in range(30)]
        for _ in range(1000): await asyncio.sleep(0)
        end.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0.11)

asyncio.run(main())
print(len(aio_objects._held))
"""

# Tasks that start threads each, without locks that anybody would be asked about.
THREADS_OF_TASKS = """
import asyncio, threading
from interleave_probe import actors

async def starter():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()

async def main():
    for _ in range(actors.MOST_EPOCHS + 500): await asyncio.create_task(starter())

asyncio.run(main())
print(len(actors.epochs) <= actors.MOST_EPOCHS)
"""

# A lock lies where another has lain.
SAME_PLACE = """
import asyncio, gc

def first(): return asyncio.Lock()
def second(): return asyncio.Lock()

async def hold(lock, seconds):
    async with lock: await asyncio.sleep(seconds)

async def fight(locks):
    await asyncio.gather(*[hold(lock, 0.02) for lock in locks + locks])

async def main():
    locks = [first() for _ in range(50)]
    places = set(map(id, locks))
    await fight(locks)
    del locks
    gc.collect()
    others = [second() for _ in range(2000)]
    await asyncio.sleep(0.25)  # until more is looked at again
    await fight([lock for lock in others if id(lock) in places][:1])

asyncio.run(main())
"""


class EndsTest(unittest.TestCase):
    def test_nothing_is_kept_of_things_that_have_died(self) -> None:
        for options in WAYS:
            with self.subTest(options):
                done = run(MANY, options=options, timeout=120)
                self.assertEqual((done.stdout, done.stderr), ("{}\n{}\n", ""))

    def test_tasks_that_have_ended_are_not_kept_for_what_they_held(self) -> None:
        for core in ["native", "python"] if HAS_NATIVE else ["python"]:
            with self.subTest(core):
                self.assertLess(int(run(GIVEN_BACK, options=f"core={core}").stdout), 150)

    def test_tasks_that_start_threads_are_not_kept_for_that(self) -> None:
        self.assertEqual(run(THREADS_OF_TASKS).stdout, "True\n")

    def test_everything_dies_when_it_would(self) -> None:
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "deaths.py")
        with open(program, encoding="utf-8") as file:
            source = file.read()
        bare = subprocess.run([sys.executable, program], capture_output=True, text=True)
        self.assertIn("asyncio.Lock ", bare.stdout)
        for options in WAYS:
            with self.subTest(options):
                done = run(source, options=options)
                self.assertEqual((done.stdout, done.stderr), (bare.stdout, bare.stderr))

    def test_a_lock_is_not_taken_for_the_one_that_lay_there(self) -> None:
        for core in ["native", "python"] if HAS_NATIVE else ["python"]:
            with self.subTest(core):
                main = run(SAME_PLACE, options=f"core={core}").main
                objects = main.definitions["object"].values()
                locks = {one["id"] for one in objects if one["type"] == "Lock"}
                self.assertEqual(len(locks), 51)
                for kind in ("COUNTS", "HOLD"):
                    self.assertEqual({r.a for r in main.of(kind)} & locks, locks, kind)


if __name__ == "__main__":
    unittest.main()
