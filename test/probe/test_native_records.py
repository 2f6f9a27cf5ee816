"""What the native core records of locks: owners, waits, holds, nesting, counts, every operation in full detail, and after crashes."""

import signal
import sys
import unittest
from pathlib import Path
from typing import Dict

sys.path.insert(0, str(Path(__file__).resolve().parent))
from interleave_probe import native
from interleave_probe.origins import has_gil
from recording import Run, Stream, kinds, run


def recorded(source: str, detail: str = "default", **more) -> Run:  # type: ignore[no-untyped-def]
    return run(source, options=f"core=native;detail={detail}", **more)


def objects(stream: Stream, line: int) -> "set[int]":
    """Ids of the objects that were made at this line of the program."""
    return {
        one["id"]
        for one in stream.definitions["object"].values()
        if stream.lines(one["stack"], "program.py")[:1] == [line]
    }


@unittest.skipIf(native.find({}) is None, "there is no native core for this interpreter")
class RecordsTest(unittest.TestCase):
    def program(self, source: str, detail: str = "default", **more) -> Stream:  # type: ignore[no-untyped-def]
        result = recorded(source, detail, **more)
        self.assertEqual((result.code, result.stderr), (0, ""))
        stream = result.main
        self.assertEqual(stream.process["core"], "native")
        self.assertEqual(stream.torn, 0)
        return stream

    def test_full_detail_has_every_item_of_a_pool(self) -> None:
        stream = self.program(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "def work(number): return 1 // (number % 100 != 7)\n"
            "with ThreadPoolExecutor(3) as pool:\n"
            "    futures = [pool.submit(work, number) for number in range(3000)]\n"
            "    list(pool.map(len, ['a'] * 500))\n"
            "failed = [future for future in futures if future.exception() is not None]\n"
            "assert len(failed) == 30\n",
            "full",
        )
        submits, starts, ends = (stream.of(k) for k in ("SUBMIT", "ITEM_START", "ITEM_END"))
        numbers = list(range(1, 3501))
        self.assertEqual([r.c for r in submits], numbers)
        self.assertEqual(sorted(r.c for r in starts), numbers)
        self.assertEqual(sorted(r.c for r in ends), numbers)
        self.assertEqual({stream.lines(r.b, "program.py")[0] for r in submits[:3000]}, {4})
        self.assertEqual({stream.lines(r.b, "program.py")[0] for r in submits[3000:]}, {5})
        texts = stream.definitions["string"]
        self.assertEqual({texts[r.b]["text"] for r in starts}, {"work", "len"})
        errors = [r for r in ends if r.b]
        self.assertEqual(len(errors), 30)
        self.assertTrue(all("ZeroDivisionError" in texts[r.b]["text"] for r in errors))
        when = {r.c: r for r in starts}
        for end in ends:
            self.assertEqual(end.actor, when[end.c].actor)
            self.assertLessEqual(when[end.c].at, end.at)

    def test_full_detail_has_every_task_and_what_it_holds(self) -> None:
        stream = self.program(
            "import asyncio\n"
            "async def work(outer, inner):\n"
            "    async with outer:\n"
            "        async with inner:\n"
            "            await asyncio.sleep(0.002)\n"
            "async def main():\n"
            "    outer, inner = asyncio.Lock(), asyncio.Semaphore(1)\n"
            "    tasks = [asyncio.create_task(work(outer, inner)) for _ in range(20)]\n"
            "    tasks += [asyncio.create_task(asyncio.sleep(0)) for _ in range(2000)]\n"
            "    await asyncio.gather(*tasks)\n"
            "asyncio.run(main())\n",
            "full",
        )
        made, ended = stream.of("TASK_CREATE"), stream.of("TASK_END")
        self.assertEqual({r.a for r in made}, {r.actor & 0x7FFFFFFF for r in ended})
        self.assertEqual({r.aux for r in ended}, {1})
        lines = [stream.lines(r.b, "program.py")[0] for r in made if r.actor >> 31]
        self.assertEqual((lines.count(8), lines.count(9)), (20, 2000))
        texts = stream.definitions["string"]
        names = [texts[r.c]["text"] for r in made]
        self.assertEqual([names.count(name) for name in ("main", "work", "sleep")], [1, 20, 2000])
        self.assertGreaterEqual(len(stream.of("LOOP_STEP")), 2 * 2000)
        locks = objects(stream, 7)
        self.assertEqual(len(locks), 2)
        nests = [r for r in stream.of("NEST") if r.a in locks]
        self.assertGreater(len(nests), 0)
        holds = [r for r in stream.of("HOLD") if r.a in locks]
        self.assertEqual(len(holds), 40)
        waits = [r for r in stream.of("WAIT_BEGIN") if r.b and r.a in locks]
        self.assertGreater(len(waits), 10)

    def test_full_detail_has_every_acquire_and_release(self) -> None:
        stream = self.program(
            "import threading\n"
            "lock = threading.Lock()\n"
            "for _ in range(1000):\n"
            "    with lock: pass\n"
            "    lock.acquire(); lock.release()\n"
            "rlock = threading.RLock()\n"
            "for _ in range(100):\n"
            "    with rlock:\n"
            "        with rlock: pass\n",
            "full",
        )
        for line, expected in ((2, 2000), (6, 100)):
            ids = objects(stream, line)
            acquires = [r for r in stream.of("ACQUIRE") if r.a in ids]
            releases = [r for r in stream.of("RELEASE") if r.a in ids]
            self.assertEqual((len(ids), len(acquires), len(releases)), (1, expected, expected))
            for taken, let_go in zip(acquires, releases):
                self.assertLessEqual(taken.at, let_go.at)
        ids = objects(stream, 2)
        self.assertEqual(
            {stream.lines(r.b, "program.py")[0] for r in stream.of("ACQUIRE") if r.a in ids}, {4, 5}
        )

    def test_default_detail_has_counts_and_long_holds_only(self) -> None:
        stream = self.program(
            "import threading, time\n"
            "lock = threading.Lock()\n"
            "for _ in range(5000):\n"
            "    with lock: pass\n"
            "with lock:\n"
            "    time.sleep(0.02)\n"
        )
        (id,) = objects(stream, 2)
        self.assertEqual(stream.of("ACQUIRE", "RELEASE"), [])
        (hold,) = [r for r in stream.of("HOLD") if r.c >= 15_000]
        self.assertEqual((hold.a, stream.lines(hold.b, "program.py")), (id, [5]))
        self.assertEqual([(r.b, r.c) for r in stream.of("COUNTS") if r.a == id][-1], (5001, 0))
        self.assertGreaterEqual([r.c for r in stream.of("TOTALS") if r.a == id][-1], 20_000)

    def test_a_wait_names_owner_site_and_waker(self) -> None:
        stream = self.program(
            "import threading, time\n"
            "lock = threading.Lock()\n"
            "def hold():\n"
            "    with lock:\n"
            "        ready.set()\n"
            "        time.sleep(0.6)\n"
            "ready = threading.Event()\n"
            "holder = threading.Thread(target=hold, name='holder')\n"
            "holder.start()\n"
            "ready.wait()\n"
            "with lock: pass\n"
            "print(lock.acquire(timeout=0.01) and lock.acquire(timeout=0.02))\n"
            "holder.join()\n"
        )
        (id,) = objects(stream, 2)
        holder = stream.thread("holder")
        begins = [r for r in stream.of("WAIT_BEGIN") if r.a == id]
        self.assertEqual(
            [r.aux for r in begins], [kinds.WAIT_ACQUIRE, kinds.WAIT_ACQUIRE | kinds.WAIT_TIMEOUT]
        )
        self.assertEqual([stream.lines(r.b, "program.py") for r in begins], [[11], [12]])
        self.assertEqual((begins[0].c, begins[1].c), (0, 20))
        owners = [r for r in stream.of("WAIT_OWNER") if r.a == id]
        self.assertEqual((owners[0].c, stream.lines(owners[0].b, "program.py")), (holder, [4]))
        refreshed = [r for r in owners if r.aux & kinds.OWNER_REFRESH]
        self.assertTrue(refreshed)
        self.assertIn("hold", " ".join(stream.stack(refreshed[0].b)))
        self.assertIn(
            6,
            [
                line
                for r in stream.of("OWNER_NOW")
                if r.a == id
                for line in stream.lines(r.b, "program.py")
            ],
        )
        ends = [r for r in stream.of("WAIT_END") if r.a == id]
        self.assertEqual([r.aux for r in ends], [kinds.RESULT_DONE, kinds.RESULT_TIMEOUT])
        self.assertEqual([r.c for r in ends], [holder, 0])
        waited = [r for r in stream.of("ACQUIRE") if r.a == id and r.aux & kinds.ACQUIRE_WAITED]
        self.assertEqual(len(waited), 1)

    @unittest.skipUnless(has_gil(), "it would never end")
    def test_who_comes_while_a_lock_is_handed_over_waits_too(self) -> None:
        """The waiter has it and cannot say so yet: it needs the GIL, which who asks next has."""
        for make in ("Lock", "RLock"):
            for ask in ("", "True", "timeout=60"):
                with self.subTest(make, ask=ask):
                    stream = self.program(
                        "import sys, threading, time\n"
                        f"lock = threading.{make}()\n"
                        "def wait():\n"
                        "    with lock: pass\n"
                        "sys.setswitchinterval(100)\n"
                        "lock.acquire()\n"
                        "waiter = threading.Thread(target=wait)\n"
                        "waiter.start()\n"
                        "time.sleep(0.1)\n"
                        "lock.release()\n"
                        "while lock.acquire(False): lock.release()\n"
                        f"lock.acquire({ask})\n"
                        "waiter.join()\n",
                        "full",
                    )
                    (id,) = objects(stream, 2)
                    begins = [r for r in stream.of("WAIT_BEGIN") if r.a == id]
                    self.assertEqual([stream.lines(r.b, "program.py") for r in begins], [[4], [12]])
                    self.assertEqual([r.c for r in stream.of("COUNTS") if r.a == id][-1], 2)

    def test_nesting_is_told_once_per_chain(self) -> None:
        stream = self.program(
            "import threading\n"
            "a = threading.Lock()\n"
            "b = threading.RLock()\n"
            "for _ in range(50):\n"
            "    with a:\n"
            "        with b:\n"
            "            with b: pass\n"
        )
        (a,), (b,) = objects(stream, 2), objects(stream, 3)
        (nest,) = [r for r in stream.of("NEST") if r.a in (a, b)]
        self.assertEqual((nest.a, stream.lines(nest.b, "program.py")), (b, [6]))
        ((outer, stack),) = stream.define("chain", nest.c)["held"]
        self.assertEqual((outer, stream.lines(stack, "program.py")), (a, [5]))

    def test_waits_in_condition_are_what_they_are(self) -> None:
        stream = self.program(
            "import queue, threading, time\n"
            "items = queue.Queue(1)\n"
            "simple = queue.SimpleQueue()\n"
            "event = threading.Event()\n"
            "ready = threading.Condition()\n"
            "semaphore = threading.Semaphore(0)\n"
            "def give():\n"
            "    for step in (lambda: items.put(1), lambda: simple.put(1), event.set, notify, semaphore.release):\n"
            "        time.sleep(0.03); step()\n"
            "def notify():\n"
            "    with ready: ready.notify()\n"
            "giver = threading.Thread(target=give, name='giver')\n"
            "giver.start()\n"
            "items.get()\n"
            "simple.get()\n"
            "event.wait()\n"
            "with ready: ready.wait()\n"
            "semaphore.acquire()\n"
            "giver.join()\n"
        )
        # Without a GIL, who is woken may wait once more, for the lock that who woke it still has.
        first: Dict[int, int] = {}
        seen = {}
        for record in stream.of("WAIT_BEGIN"):
            lines = stream.lines(record.b, "program.py")
            if record.actor == 1 and record.a and lines[0] not in first:
                first[lines[0]] = record.a
                seen[lines[0]] = (record.aux, stream.define("object", record.a)["type"])
        self.assertEqual(
            seen,
            {
                14: (kinds.WAIT_GET, "Queue"),
                15: (kinds.WAIT_GET, "SimpleQueue"),
                16: (kinds.WAIT_EVENT, "Event"),
                17: (kinds.WAIT_CONDITION, "Condition"),
                18: (kinds.WAIT_SEMAPHORE, "Semaphore"),
            },
        )
        giver = stream.thread("giver")
        ends = [r for r in stream.of("WAIT_END") if r.actor == 1 and r.a in first.values()]
        wakers = [r.c for r in ends]
        self.assertEqual(
            [waker for waker in wakers if waker], [giver] * 4
        )  # SimpleQueue does not say

    def test_every_record_refers_to_something_defined(self) -> None:
        stream = self.program(
            "import threading\n"
            "locks = [threading.Lock() for _ in range(20)]\n"
            "def work():\n"
            "    for turn in range(300):\n"
            "        with locks[turn % 20]:\n"
            "            with locks[(turn + 1) % 20] if turn % 20 != 19 else threading.Lock(): pass\n"
            "threads = [threading.Thread(target=work) for _ in range(4)]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]\n",
            "full",
        )
        for record in stream.of(
            "ACQUIRE", "RELEASE", "HOLD", "NEST", "WAIT_BEGIN", "WAIT_OWNER", "WAIT_END"
        ):
            if record.a:
                self.assertIn(record.a, stream.definitions["object"])
            if record.b:
                self.assertIn(record.b, stream.definitions["stack"])
        depth: Dict[int, int] = {}
        for record in sorted(stream.of("ACQUIRE", "RELEASE"), key=lambda r: r.at):
            step = 1 if record.kind == "ACQUIRE" else -1
            depth[record.a] = depth.get(record.a, 0) + step
        self.assertEqual(set(depth.values()), {0})

    def test_steps_of_tasks_are_the_same_as_in_python(self) -> None:
        source = (
            "import asyncio\n"
            "async def work(turns):\n"
            "    for _ in range(turns):\n"
            "        await asyncio.sleep(0)\n"
            "async def main():\n"
            "    await asyncio.gather(*(work(turns) for turns in range(100)))\n"
            "asyncio.run(main())\n"
        )
        told = []
        for core in ("python", "native"):
            result = run(source, options=f"core={core};detail=full")
            self.assertEqual((result.code, result.stderr), (0, ""))
            names = {r.actor: r.c for r in result.main.of("TASK_CREATE")}
            steps = [r.actor for r in result.main.of("LOOP_STEP") if r.actor & kinds.TASK_BIT]
            told.append((len(names), sorted(steps.count(actor) for actor in set(steps))))
        self.assertEqual(told[0], told[1])
        self.assertEqual(told[1][1][-1], 100)

    @unittest.skipUnless(hasattr(signal, "SIGKILL"), "needs fork")
    def test_a_forked_child_writes_its_own_stream(self) -> None:
        result = recorded(
            "import os, threading\n"
            "lock = threading.Lock()\n"
            "with lock: pass\n"
            "child = os.fork()\n"
            "for _ in range(10 if child else 20):\n"
            "    with lock: pass\n"
            "if child: os.waitpid(child, 0)\n",
            "full",
        )
        self.assertEqual((result.code, len(result.streams)), (0, 2))
        counts = [len(stream.of("ACQUIRE")) for stream in result.streams]
        self.assertEqual(counts, [11, 20])
        self.assertTrue(all(stream.torn == 0 for stream in result.streams))

    @unittest.skipUnless(hasattr(signal, "SIGKILL"), "needs signals")
    def test_nothing_is_lost_when_the_process_dies(self) -> None:
        ways = {
            "os._exit(3)": 3,
            "os.abort()": -signal.SIGABRT,
            "os.kill(os.getpid(), signal.SIGKILL)": -signal.SIGKILL,
            "os.kill(os.getpid(), signal.SIGSEGV)": -signal.SIGSEGV,
        }
        for way, code in ways.items():
            with self.subTest(way=way):
                result = recorded(
                    "import os, signal, threading\n"
                    "lock = threading.Lock()\n"
                    "for _ in range(50000):\n"
                    "    with lock: pass\n"
                    f"{way}\n",
                    "full",
                )
                stream = result.main
                self.assertEqual(result.code, code)
                self.assertEqual(
                    (len(stream.of("ACQUIRE")), len(stream.of("RELEASE")), stream.torn),
                    (50000, 50000, 0),
                )

    def test_exceptions_of_signal_handlers_are_not_swallowed(self) -> None:
        # The handler runs inside the probe's own Python code as often as anywhere: each alarm must come through.
        source = (
            "import signal, threading, time\n"
            "class Alarm(Exception): pass\n"
            "def ring(number, frame): raise Alarm\n"
            "signal.signal(signal.SIGALRM, ring)\n"
            "caught = 0\n"
            # In a function: 3.13 does not count a loop's jump back as a part of the try around it.
            "def spin():\n"
            "    end = time.monotonic() + 5\n"
            "    while time.monotonic() < end:\n"
            "        outer = threading.Lock()\n"
            "        outer.acquire()\n"
            "        outer.acquire(timeout=0.00001)\n"
            "        outer.release()\n"
            "for turn in range(200):\n"
            "    try:\n"
            "        signal.setitimer(signal.ITIMER_REAL, 0.0003)\n"
            "        spin()\n"
            "    except Alarm: caught += 1\n"
            "print(caught)\n"
        )
        if not hasattr(signal, "setitimer"):
            self.skipTest("needs timers")
        result = recorded(source, "full", timeout=60)
        self.assertEqual((result.code, result.stdout, result.stderr), (0, "200\n", ""))


if __name__ == "__main__":
    unittest.main()
