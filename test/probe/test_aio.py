"""asyncio under the probe: loops, blocks, tasks, what they wait for, and what is left over, on every Python here."""

import unittest
from typing import Iterator

from recording import Run, line_of, pythons, run

TASK_BIT = 1 << 31

BLOCKS = """
import asyncio, time

def deep(n):
    if n:
        return deep(n - 1)
    time.sleep(0.13)  # deep

def callback():
    time.sleep(0.12)  # callback

class Door:
    async def __aenter__(self):
        time.sleep(0.12)  # aenter
    async def __aexit__(self, *exc):
        pass

async def numbers():
    time.sleep(0.12)  # generator
    yield 1

async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(callback)
    await asyncio.sleep(0.01)
    deep(30)
    await asyncio.sleep(0)
    async with Door():
        await asyncio.sleep(0)
    async for _ in numbers():
        await asyncio.sleep(0)
    try:
        raise ValueError
    except ValueError:
        await asyncio.sleep(0)
        time.sleep(0.12)  # handler
    await asyncio.sleep(0)

asyncio.run(main())
"""

LOCKS = """
import asyncio

async def holder(lock, other):
    async with lock:  # outer
        async with other:  # inner
            await asyncio.sleep(0.4)

async def waiter(lock):
    await asyncio.sleep(0.02)
    async with lock:  # waits
        pass

async def main():
    lock = asyncio.Lock()  # made
    other = asyncio.Semaphore(1)
    await asyncio.gather(
        asyncio.create_task(holder(lock, other), name="holder"), asyncio.create_task(waiter(lock), name="waiter")
    )

asyncio.run(main())
"""

WAITS = """
import asyncio, threading, time

async def getter(queue): await queue.get()
async def joiner(task): await task
async def event(e): await e.wait()
async def worker(loop): await loop.run_in_executor(None, time.sleep, 0.4)

async def main():
    loop = asyncio.get_running_loop()
    queue, e = asyncio.Queue(1), asyncio.Event()
    sleeper = asyncio.create_task(asyncio.sleep(0.4), name="sleeper")
    tasks = [
        asyncio.create_task(getter(queue), name="getter"), asyncio.create_task(joiner(sleeper), name="joiner"),
        asyncio.create_task(event(e), name="event"), asyncio.create_task(worker(loop), name="worker"),
    ]
    await sleeper
    queue.put_nowait(1)
    e.set()
    await asyncio.wait(tasks)

asyncio.run(main())
"""

LEFT = """
import asyncio, gc

async def fails():
    raise LookupError("nobody looks")  # raised

async def ten():
    await asyncio.sleep(10)

async def never():
    pass

async def main():
    asyncio.ensure_future(fails())
    await asyncio.sleep(0.01)
    gc.collect()
    never()  # dropped
    asyncio.ensure_future(ten())  # left
    stopped = asyncio.ensure_future(ten())
    await asyncio.sleep(0.01)
    stopped.cancel()

asyncio.run(main())
"""

UNSAFE = """
import asyncio, threading, time

def other(loop, future):
    time.sleep(0.1)
    loop.call_soon_threadsafe(print, "fine")
    loop.call_soon(int)  # soon
    future.set_result(1)  # result
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()

async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    threading.Thread(target=other, args=(loop, future)).start()
    await asyncio.sleep(0.3)

asyncio.run(main())
"""

EAGER = """
import asyncio

async def at_once(): return 1
async def later(): await asyncio.sleep(0.01)

async def main():
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is not None:
        asyncio.get_running_loop().set_task_factory(factory)
    print(await asyncio.gather(*[asyncio.create_task(at_once()) for _ in range(3)], asyncio.create_task(later())))

asyncio.run(main())
"""

NAMED = """
import asyncio

async def flush(): await asyncio.sleep(0.01)

async def main():
    await asyncio.gather(asyncio.create_task(flush(), name="audit"), asyncio.create_task(flush()))

asyncio.run(main())
"""

ACROSS = """
import asyncio, threading

lock = threading.Lock()

async def main():
    lock.acquire()
    await asyncio.sleep(0.05)  # suspended
    lock.release()

asyncio.run(main())
"""

THREADED = """
import asyncio, threading, time

async def slow():
    await asyncio.sleep(0.3)

def serve(loop):
    asyncio.set_event_loop(loop)
    loop.run_forever()

loop = asyncio.new_event_loop()
thread = threading.Thread(target=serve, args=(loop,))
thread.start()
asyncio.run_coroutine_threadsafe(slow(), loop).result()  # result
asyncio.run(asyncio.sleep(0))
asyncio.run(asyncio.sleep(0))
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
"""

OVERLAPPED = """
import asyncio

class Overlapped(asyncio.Future):  # as those of the proactor on Windows
    __module__ = "asyncio.windows_events"

async def accepts(future):
    await future

async def main():
    future = Overlapped(loop=asyncio.get_running_loop())
    task = asyncio.create_task(accepts(future), name="accepts")
    await asyncio.sleep(0.4)
    future.set_result(None)
    await task

asyncio.run(main())
"""

# Taken so often that nobody looks any more, and before anybody does again.
MANY_LOCKS = """
import asyncio
async def take(lock, permits):
    for _ in range(3000):
        async with lock:
            pass
        async with permits:
            await asyncio.sleep(0)
async def holder(lock, permits):
    async with lock, permits, permits:
        await asyncio.sleep(0.5)
async def waiter(lock):
    async with lock:
        pass
async def second(permits):
    async with permits:
        pass
async def main():
    lock, permits = asyncio.Lock(), asyncio.Semaphore(2)
    await asyncio.gather(take(lock, permits), take(lock, permits))
    held = asyncio.create_task(holder(lock, permits), name="holder")
    await asyncio.sleep(0)
    await asyncio.gather(
        asyncio.create_task(waiter(lock), name="waiter"),
        asyncio.create_task(second(permits), name="second"),
    )
    await held
    taken = vars(permits).get("_interleave_by") or []
    print(len(taken), vars(lock).get("_interleave_by"))
asyncio.run(main())
"""


COPIED = """
import asyncio, copy, pickle
class Unbound:  # as they are made before a loop runs
    def __getstate__(self):
        return {key: value for key, value in vars(self).items() if key not in ("_loop", "_waiters")}
class Lock(Unbound, asyncio.Lock): pass
class Semaphore(Unbound, asyncio.Semaphore): pass
async def main():
    for _ in range(3):
        lock, permits = Lock(), Semaphore(3)
        async with lock, permits:
            await asyncio.sleep(0.12)
            clone = lambda one: pickle.loads(pickle.dumps(one))
            locks = [way(lock) for way in (copy.copy, copy.deepcopy, clone)]
            print([one.locked() for one in locks], clone(permits)._value)
asyncio.run(main())
"""


class Asyncio(unittest.TestCase):
    def each(self, source: str, options: str = "core=python") -> Iterator[Run]:
        for python in pythons():
            with self.subTest(python=python, options=options):
                done = run(source, python=python, options=options)
                self.assertEqual(done.code, 0, done.stderr)
                yield done

    def strings(self, done: Run, id: int) -> str:
        return done.main.define("string", id)["text"] if id else ""

    def task(self, done: Run, name: str) -> int:
        return next(
            TASK_BIT | id
            for id, task in done.main.definitions["task"].items()
            if task["name"] == name
        )

    def test_what_a_suspended_owner_does_is_told_down_to_the_program(self) -> None:
        main = run(
            """
import asyncio
async def load(lock):
    async with lock:
        await asyncio.sleep(0.6)
async def main():
    lock = asyncio.Lock()
    await asyncio.gather(load(lock), load(lock))
asyncio.run(main())
"""
        ).main
        now = [main.stack(r.b) for r in main.of("OWNER_NOW")]
        self.assertTrue(
            any(site.startswith("program.py:5 ") for stack in now for site in stack), now
        )
        for stack in now:
            self.assertIn("program.py:", " ".join(stack))

    def test_blocks_are_located_while_they_last(self) -> None:
        for options in ("core=python", "detail=default"):
            for done in self.each(BLOCKS, options):
                stacks = [
                    done.main.lines(r.b, "program.py")[:1] for r in done.main.of("LOOP_STACK")
                ]
                for mark in ("deep", "callback", "aenter", "generator", "handler"):
                    self.assertIn([line_of(BLOCKS, mark)], stacks, mark)
                steps = [r.c for r in done.main.of("LOOP_STEP") if r.c >= 100_000]
                self.assertEqual(len(steps), 5)

    def test_what_the_system_ends_on_windows_is_no_wait_for_a_result(self) -> None:
        for options in ("core=python", "detail=default"):
            for done in self.each(OVERLAPPED, options):
                waiter = self.task(done, "accepts")
                begins = [r.aux & 0xFF for r in done.main.of("WAIT_BEGIN") if r.actor == waiter]
                self.assertEqual(begins, [16], "WAIT_IO")

    def test_lag_and_use_come_while_the_loop_runs(self) -> None:
        for done in self.each(BLOCKS):
            self.assertGreaterEqual(max(r.b for r in done.main.of("LOOP_LAG")), 100_000)
            self.assertGreaterEqual(sum(r.b for r in done.main.of("LOOP_BUSY")), 500_000)
            stops = done.main.of("LOOP_STOP")
            self.assertEqual([r.aux for r in stops][-1], 1)

    def test_a_waiter_knows_the_lock_and_its_holder(self) -> None:
        for done in self.each(LOCKS):
            waiter, holder = self.task(done, "waiter"), self.task(done, "holder")
            begin = next(
                r for r in done.main.of("WAIT_BEGIN") if r.actor == waiter and r.aux & 0xFF == 1
            )
            lock = done.main.define("object", begin.a)
            self.assertEqual((lock["type"], lock["library"]), ("Lock", "asyncio"))
            self.assertIn(line_of(LOCKS, "made"), done.main.lines(lock["stack"], "program.py"))
            self.assertIn(line_of(LOCKS, "waits"), done.main.lines(begin.b, "program.py"))
            owners = [r for r in done.main.of("WAIT_OWNER") if r.actor == waiter and r.a == begin.a]
            self.assertEqual({r.c for r in owners}, {holder})
            self.assertIn(line_of(LOCKS, "outer"), done.main.lines(owners[0].b, "program.py"))
            nest = next(r for r in done.main.of("NEST") if r.actor == holder)
            self.assertEqual(done.main.define("object", nest.a)["type"], "Semaphore")
            self.assertEqual(
                [held[0] for held in done.main.define("chain", nest.c)["held"]], [begin.a]
            )

    def test_the_holder_is_known_where_nobody_looked_when_it_took_them(self) -> None:
        for done in self.each(MANY_LOCKS):
            self.assertEqual(done.stdout, "0 None\n", "all is given back")
            holder = self.task(done, "holder")
            for name in ("waiter", "second"):
                who = self.task(done, name)
                owners = {r.c for r in done.main.of("WAIT_OWNER") if r.actor == who}
                self.assertEqual(owners, {holder}, name)

    def test_a_lock_that_somebody_holds_can_be_copied_and_pickled(self) -> None:
        for python in pythons():
            for options in ("core=python", "core=python;detail=full", "core=native"):
                with self.subTest(python, options=options):
                    done = run(COPIED, python=python, options=options)
                    self.assertEqual((done.stdout, done.stderr), ("[True, True, True] 2\n" * 3, ""))

    def test_what_tasks_wait_for(self) -> None:
        for done in self.each(WAITS):
            begins = {r.actor: r for r in done.main.of("WAIT_BEGIN")}
            owners = {r.actor: (r.aux & 0xFF, r.c) for r in done.main.of("WAIT_OWNER") if r.c}
            kinds = {
                name: begins[self.task(done, name)].aux & 0xFF
                for name in ("getter", "joiner", "event", "worker")
            }
            self.assertEqual(kinds, {"getter": 5, "joiner": 13, "event": 3, "worker": 10})
            self.assertEqual(owners[self.task(done, "joiner")], (2, self.task(done, "sleeper")))
            kind, worker = owners[self.task(done, "worker")]
            self.assertEqual((kind, done.main.define("thread", worker)["name"]), (3, "asyncio_0"))
            idle = done.main.of("LOOP_IDLE")
            self.assertTrue(
                idle and idle[0].b == 1, "one timer is scheduled while the loop has nothing to do"
            )

    def test_a_task_that_never_waits_for_anybody_has_its_name(self) -> None:
        for options in ("core=python", "core=native"):
            for done in self.each(NAMED, options):
                names = [self.strings(done, r.a) for r in done.main.of("TASK_NAME")]
                self.assertEqual(names, ["audit"])

    def test_what_is_lost_or_left_over(self) -> None:
        for done in self.each(LEFT):
            lost = done.main.of("TASK_EXCEPTION_LOST")
            self.assertEqual([self.strings(done, r.a) for r in lost], ["LookupError: nobody looks"])
            self.assertEqual(done.main.lines(lost[0].b, "program.py"), [line_of(LEFT, "raised")])
            never = done.main.of("COROUTINE_NEVER_AWAITED")
            self.assertEqual([self.strings(done, r.a) for r in never], ["never"])
            self.assertEqual(done.main.lines(never[0].b, "program.py")[0], line_of(LEFT, "dropped"))
            pending = done.main.of("TASK_PENDING")
            self.assertEqual(len(pending), 1, "a task that was cancelled is not left over")
            self.assertIn(line_of(LEFT, "left"), done.main.lines(pending[0].c, "program.py"))
            self.assertIn("Task exception was never retrieved", done.stderr)
            self.assertIn("was never awaited", done.stderr)

    def test_calls_from_other_threads(self) -> None:
        for done in self.each(UNSAFE):
            found = {
                done.main.lines(r.b, "program.py")[0]: self.strings(done, r.c)
                for r in done.main.of("UNSAFE_CALL")
            }
            expected = {
                line_of(UNSAFE, "soon"): "call_soon",
                line_of(UNSAFE, "result"): "set_result",
            }
            self.assertEqual(found, expected)

    def test_tasks_that_end_while_they_are_made(self) -> None:
        for done in self.each(EAGER):
            self.assertEqual(done.stdout, "[1, 1, 1, None]\n")
            made = {TASK_BIT | r.a for r in done.main.of("TASK_CREATE")}
            self.assertGreaterEqual(len(made), 5)
            self.assertEqual(made, {r.actor for r in done.main.of("TASK_END") if r.aux == 1})

    def test_a_lock_of_threads_held_over_an_await(self) -> None:
        for options in ("core=python", "detail=default"):
            for done in self.each(ACROSS, options):
                suspended = [r for r in done.main.of("TASK_SUSPEND") if r.a]
                self.assertTrue(suspended)
                self.assertEqual(done.main.define("object", suspended[0].a)["library"], "threading")
                self.assertIn(
                    line_of(ACROSS, "suspended"), done.main.lines(suspended[0].b, "program.py")
                )

    def test_a_thread_waits_for_a_task_and_loops_follow_one_another(self) -> None:
        for done in self.each(THREADED):
            main = done.main.thread("MainThread")
            begin = next(
                r for r in done.main.of("WAIT_BEGIN") if r.actor == main and r.aux & 0xFF == 10
            )
            self.assertIn(line_of(THREADED, "result"), done.main.lines(begin.b, "program.py"))
            owners = [
                r for r in done.main.of("WAIT_OWNER") if r.actor == main and r.a == begin.a and r.c
            ]
            self.assertEqual(owners[-1].aux & 0xFF, 2)
            self.assertTrue(owners[-1].c & TASK_BIT)
            self.assertGreaterEqual(len(done.main.of("LOOP_START")), 3)
            self.assertEqual(len([r for r in done.main.of("LOOP_STOP") if r.aux == 1]), 3)


if __name__ == "__main__":
    unittest.main()
