"""Pools under the probe: work of threads and processes, who must act for a result, failures nobody asked for."""

import itertools
import unittest
from typing import Iterator, Sequence

from recording import Run, Stream, line_of, pythons, run

THREADS = """
import concurrent.futures as cf, time

def work(x):
    if x == 3:
        raise ValueError("three")
    time.sleep(0.02)
    return x

with cf.ThreadPoolExecutor(2, thread_name_prefix="crew") as pool:  # made
    futures = [pool.submit(work, n) for n in range(6)]  # submitted
    print(futures[0].result())
    del futures
"""

ASKED = """
import concurrent.futures as cf, time

def fails(x):
    raise ValueError(x)

with cf.ThreadPoolExecutor(2) as pool:
    a, b, c, d = [pool.submit(fails, n) for n in range(4)]
    b.add_done_callback(lambda future: None)
    try:
        a.result()
    except ValueError:
        print("seen", type(c.exception()).__name__)
    for future in cf.as_completed([d]):
        try:
            future.result()
        except ValueError as error:
            print(error.args)
    try:
        list(pool.map(fails, [5, 6]))
    except ValueError as error:
        print(error.args)
"""

STARVED = """
import concurrent.futures as cf, threading, time

pool = cf.ThreadPoolExecutor(1)

def inner():
    return 1

def outer():
    return pool.submit(inner).result(timeout=0.5)  # inner result

def quick():
    time.sleep(0.3)

try:
    pool.submit(outer).result()  # outer result
except cf.TimeoutError:
    print("starved")
pool.shutdown()
"""

MANY = """
import concurrent.futures as cf, threading, time

def many(pool):
    for _ in pool.map(int, range(5000)):
        pass

pool = cf.ThreadPoolExecutor(1)
many(pool)
begun = threading.Event()

def fails():
    raise ValueError("late")

def runs():
    begun.set()
    time.sleep(0.6)

# As many again, so that what follows is beyond what a tenth of a second may tell.
futures = [pool.submit(int) for _ in range(5000)]
running = pool.submit(runs)
queued = pool.submit(int)
pool.submit(fails)
begun.wait()
waiter = threading.Thread(target=lambda: queued.result())  # waits for the queued one
waiter.start()
running.result()  # waits for the running one
waiter.join()
pool.shutdown()
"""

AGAIN = """
import concurrent.futures as cf, time

def later(x):
    return x

with cf.ThreadPoolExecutor(1) as pool:
    for _ in pool.map(int, range(5000)):
        pass
    time.sleep(0.5)  # several periods of the budget
    for _ in pool.map(later, range(5)):
        pass
"""

# What is told of only in part here and in the parent is said of both.
BOTH = """
import concurrent.futures as cf, os

def many():
    with cf.ThreadPoolExecutor(1) as pool:
        for _ in pool.map(int, range(30_000)):
            pass

many()
pid = os.fork()
many()
if pid:
    os.waitpid(pid, 0)
"""

PROCESSES = """
import concurrent.futures as cf, multiprocessing, sys, time

def work(x):
    if x == 3:
        raise ValueError("three")
    time.sleep(0.01)
    return x

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with cf.ProcessPoolExecutor(2, mp_context=context) as pool:
        print(sorted(pool.map(work, [1, 2])), pool.submit(work, 3).exception())
    with context.Pool(2) as pool:
        print(pool.map(work, [1, 2]))
        lost = pool.apply_async(work, (3,))
        lost.wait()
        del lost
        time.sleep(0.1)
"""


def text(stream: Stream, id: int) -> str:
    return str(stream.define("string", id)["text"]) if id else ""


# Both calls of map() have the same frame, and in that its address.
MAPS = """
from concurrent.futures import ThreadPoolExecutor
def fail(text):
    raise ValueError(text)
with ThreadPoolExecutor(1) as pool:
    for text in "asked", "not asked":
        results = pool.map(fail, [text])
        if text == "asked":
            try:
                list(results)
            except ValueError:
                pass
        pool.submit(len, text).result()
        del results
"""


# What lies in the queue at the end is forgotten; what comes to lie at the same addresses must not be taken for it.
DROPPED = """
import concurrent.futures as cf, threading

begun, go = threading.Event(), threading.Event()

def holds():
    begun.set()
    go.wait()

def never():
    raise AssertionError

def drop():
    pool = cf.ThreadPoolExecutor(1)
    pool.submit(holds)
    begun.wait()
    for _ in range(100):
        pool.submit(never)
    works = [pool._work_queue.get_nowait() for _ in range(100)]
    names = {name for work in works for name in vars(work)}
    for work in works:
        pool._work_queue.put(work)
    works.clear()
    del work
    pool.shutdown(wait=False, cancel_futures=True)
    go.set()
    return names

print(*sorted(drop()))
with cf.ThreadPoolExecutor(1) as pool:
    for _ in range(5000):  # more than may be told of
        pool.submit(int)
"""


class Pools(unittest.TestCase):
    def each(self, source: str, *args: str, cores: Sequence[str] = ("python",)) -> Iterator[Run]:
        for python, core in itertools.product(pythons(), cores):
            with self.subTest(python=python, core=core):
                done = run(source, *args, python=python, options=f"core={core}")
                self.assertEqual(done.code, 0, done.stderr)
                yield done

    def pool(self, done: Run, kind: str) -> int:
        return next(id for id, o in done.main.definitions["object"].items() if o["type"] == kind)

    def test_items_of_a_thread_pool(self) -> None:
        for done in self.each(THREADS):
            main = done.main
            pool = self.pool(done, "ThreadPoolExecutor")
            definition = main.define("object", pool)
            self.assertEqual((definition["capacity"], definition["name"]), (2, "crew"))
            self.assertIn(line_of(THREADS, "made"), main.lines(definition["stack"], "program.py"))
            submits = [r for r in main.of("SUBMIT") if r.a == pool]
            self.assertEqual([r.c for r in submits], [1, 2, 3, 4, 5, 6])
            self.assertEqual(
                {main.lines(r.b, "program.py")[0] for r in submits}, {line_of(THREADS, "submitted")}
            )
            starts = {r.c: r for r in main.of("ITEM_START")}
            ends = {r.c: r for r in main.of("ITEM_END")}
            self.assertEqual(set(starts), set(ends))
            self.assertEqual({text(main, r.b) for r in starts.values()}, {"work"})
            self.assertEqual(
                [text(main, ends[n].b) for n in sorted(ends)],
                ["", "", "", "ValueError: three", "", ""],
            )
            for number, start in starts.items():
                self.assertEqual(start.actor, ends[number].actor)
                self.assertEqual(main.define("thread", start.actor)["pool"], pool)
            lost = main.of("ITEM_EXCEPTION_LOST")
            self.assertEqual([(r.c, text(main, r.b)) for r in lost], [(4, "ValueError: three")])

    def test_each_process_says_itself_that_it_tells_of_a_part(self) -> None:
        for done in self.each(BOTH):
            self.assertEqual(len(done.streams), 2)
            for stream in done.streams:
                self.assertEqual(stream.process["partly"], ["items"])

    def test_owners_of_work_beyond_the_budget(self) -> None:
        for done in self.each(MANY):
            main = done.main
            pool = self.pool(done, "ThreadPoolExecutor")
            numbers = [
                [r.c for r in main.of(kind)] for kind in ("SUBMIT", "ITEM_START", "ITEM_END")
            ]
            self.assertLess(len(numbers[0]), 10_000, "only a part is told of")
            self.assertEqual(main.process["partly"], ["items"])
            self.assertEqual(numbers[0], sorted(set(numbers[0])))
            self.assertEqual(numbers[0], numbers[1])
            self.assertEqual(numbers[0], numbers[2])
            owners = {}
            for mark in ("waits for the queued one", "waits for the running one"):
                for wait in main.of("WAIT_BEGIN"):
                    if main.lines(wait.b, "program.py")[:1] == [line_of(MANY, mark)]:
                        owners[mark] = {
                            (r.aux & 0xFF, r.c)
                            for r in main.of("WAIT_OWNER")
                            if r.actor == wait.actor and r.a == wait.a
                        }
            worker = next(
                id
                for id, t in main.definitions["thread"].items()
                if t["name"].startswith("ThreadPool")
            )
            self.assertIn((4, pool), owners["waits for the queued one"])
            self.assertIn((3, worker), owners["waits for the running one"])
            lost = [text(main, r.b) for r in main.of("ITEM_EXCEPTION_LOST")]
            self.assertEqual(lost, ["ValueError: late"])

    def test_a_new_period_tells_of_items_again(self) -> None:
        for done in self.each(AGAIN, cores=("native", "python")):
            main = done.main
            self.assertLess(len(main.of("SUBMIT")), 5000, "only a part is told of")
            ran = [text(main, record.b) for record in main.of("ITEM_START")]
            self.assertEqual(ran.count("later"), 5)

    def test_what_is_dropped_from_a_queue_never_runs(self) -> None:
        for done in self.each(DROPPED, cores=("native", "python")):
            ran = {text(done.main, record.b) for record in done.main.of("ITEM_START")}
            self.assertNotIn("never", ran)
            # The work items are as the library makes them, and so no longer than those of the bare program.
            self.assertNotIn("interleave", done.stdout)

    def test_failures_that_somebody_asked_for_are_not_lost(self) -> None:
        for done in self.each(ASKED):
            self.assertEqual(done.main.of("ITEM_EXCEPTION_LOST"), [])

    def test_a_map_nobody_asked_after_one_that_somebody_did(self) -> None:
        for done in self.each(MAPS, cores=("native", "python")):
            main = done.main
            lost = [text(main, record.b) for record in main.of("ITEM_EXCEPTION_LOST")]
            self.assertEqual(lost, ["ValueError: not asked"])

    def test_who_must_act_for_a_result(self) -> None:
        for done in self.each(STARVED):
            main = done.main
            pool = self.pool(done, "ThreadPoolExecutor")
            waits = {
                main.lines(r.b, "program.py")[0]: r
                for r in main.of("WAIT_BEGIN")
                if r.aux & 0xFF == 10
            }
            outer, inner = (
                waits[line_of(STARVED, "outer result")],
                waits[line_of(STARVED, "inner result")],
            )
            owners = {
                r.actor: (r.aux & 0xFF, r.c)
                for r in main.of("WAIT_OWNER")
                if r.c and r.a in (outer.a, inner.a)
            }
            self.assertEqual(owners[inner.actor], (4, pool))
            self.assertEqual(owners[outer.actor], (3, inner.actor))
            self.assertTrue(inner.aux & 0x100)

    def test_items_of_process_pools_meet_under_a_shared_name(self) -> None:
        for method in ("fork", "spawn"):
            for done in self.each(PROCESSES, method, cores=("native", "python")):
                main = done.main
                for kind, count in (("ProcessPoolExecutor", 3), ("Pool", 3)):
                    pool = self.pool(done, kind)
                    shared = main.define("object", pool)["shared"]
                    submitted = {r.c for r in main.of("SUBMIT") if r.a == pool}
                    self.assertEqual(len(submitted), count)
                    ran = {}
                    for stream in done.streams:
                        here = [
                            i
                            for i, o in stream.definitions["object"].items()
                            if o.get("shared") == shared
                        ]
                        for record in stream.of("ITEM_START"):
                            if record.a in here:
                                self.assertEqual(text(stream, record.b), "work")
                                worker = stream.define("thread", record.actor)
                                self.assertEqual(worker.get("pool"), record.a)
                        for record in stream.of("ITEM_END"):
                            if record.a in here:
                                ran[record.c] = text(stream, record.b)
                                self.assertNotEqual(stream.name, main.name)
                    # A pool that is terminated may kill a worker before it has written the end of its last item.
                    self.assertLessEqual(set(ran), submitted)
                    self.assertIn("ValueError: three", ran.values())
                lost = [text(main, r.b) for r in main.of("ITEM_EXCEPTION_LOST")]
                self.assertEqual(lost, ["ValueError: three"])


if __name__ == "__main__":
    unittest.main()
