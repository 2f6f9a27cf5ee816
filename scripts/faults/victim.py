"""A program that waits, locks and forks while a harness does it harm: victim.py HOW SEED STAMPS."""

import asyncio
import concurrent.futures.thread  # while one thread imports it no other should fork: the interpreter would complain
import os
import queue
import random
import resource
import sys
import threading
import time

HOW, SEED, STAMPS = sys.argv[1], int(sys.argv[2]), sys.argv[3]
random.seed(SEED)
locks = [threading.Lock() for _ in range(3)]
box: "queue.Queue[int]" = queue.Queue()
over = threading.Event()
harness = os.getppid()
stamps = os.open(STAMPS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def beat() -> None:
    """Does what is always recorded, says from when to when, then waits: that record must not be lost."""
    while not over.is_set():
        if os.getppid() != harness:  # it was ended itself: nobody waits for this any more
            os.kill(0, 9)
        try:
            before = time.monotonic_ns()
            if HOW != "memory":  # without memory Thread.start() itself may wait for ever
                thread = threading.Thread(target=int)
                thread.start()
                thread.join()
            os.write(stamps, b"".join(at.to_bytes(8, "little") for at in (before, time.monotonic_ns())))
        except (OSError, RuntimeError, MemoryError):  # what the fault leaves nothing of
            pass
        try:
            box.get(timeout=0.01)
        except queue.Empty:
            pass


def work() -> None:
    first = locks[0]
    while not over.is_set():
        with first, random.choice(locks[1:]):
            time.sleep(0.0005)
        box.put(1)


def end(seconds: float = 0.0) -> None:
    time.sleep(seconds)
    over.set()
    for thread in threads:
        thread.join()
    print("end", flush=True)


def grandchildren() -> None:
    def fork() -> None:
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                with threading.Lock():
                    time.sleep(random.random() / 200)
                os._exit(7)
            if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 7:
                print("a child ended in another way")

    forkers = [threading.Thread(target=fork) for _ in range(3)]
    for thread in forkers:
        thread.start()
    for thread in forkers:
        thread.join()


async def many_tasks(count: int) -> int:
    lock, done = asyncio.Lock(), 0

    async def one() -> None:
        nonlocal done
        async with lock:
            done += 1
        await asyncio.sleep(0)

    await asyncio.gather(*(one() for _ in range(count)))
    return done


def limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def no_memory() -> None:
    limit(resource.RLIMIT_AS, 700 << 20)
    kept = []
    try:
        while True:
            kept.append(bytearray(random.randrange(1, 1 << 20)))
    except MemoryError:
        kept.clear()
        print("no memory")


def no_descriptors() -> None:
    limit(resource.RLIMIT_NOFILE, 64)
    kept = []
    try:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        print(type(error).__name__, error.errno)
    kept_threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in kept_threads:
        thread.start()
    threads.extend(kept_threads)
    time.sleep(0.1)
    for descriptor in kept:
        os.close(descriptor)


def no_disk() -> None:
    limit(resource.RLIMIT_FSIZE, 300 << 10)
    for _ in range(3000):
        with locks[0], locks[1]:
            pass
        box.put(1)


def full_disk() -> None:
    """Works until the disk of the recording has been full for long."""
    for _ in range(4000):
        with locks[0], locks[1]:
            box.put(1)
        threading.Thread(target=int).start()


def churn() -> None:
    while True:
        some = [threading.Thread(target=with_lock) for _ in range(20)]
        for thread in some:
            thread.start()
        for thread in some:
            thread.join()


def with_lock() -> None:
    with locks[0]:
        time.sleep(0)


async def loop() -> None:
    while True:
        await many_tasks(50)


def many_threads() -> int:
    count = 0
    for _ in range(100):
        some = [threading.Thread(target=with_lock) for _ in range(100)]
        for thread in some:
            thread.start()
        for thread in some:
            thread.join()
            count += 1
    return count


def many_forks() -> int:
    count = 0
    for _ in range(125):
        pids = []
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                with threading.Lock():
                    pass
                os._exit(7)
            pids.append(pid)
        for pid in pids:
            count += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    return count


def killed_children() -> None:
    for _ in range(8):
        pid = os.fork()
        if pid == 0:
            lock = threading.Lock()
            while True:
                with lock:
                    time.sleep(0.0005)
        time.sleep(random.random() / 10)
        os.kill(pid, 9)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != -9:
            print("a child ended in another way")


async def everything() -> None:
    """Locks, tasks, queues, threads, calls in a pool and children, all at once."""
    queue_of_tasks: "asyncio.Queue[int]" = asyncio.Queue(3)
    loop = asyncio.get_running_loop()

    async def put() -> None:
        while not over.is_set():
            await queue_of_tasks.put(await loop.run_in_executor(None, abs, -1))

    async def take() -> None:
        while not over.is_set():
            await queue_of_tasks.get()
            await many_tasks(5)

    def thread() -> None:
        while not over.is_set():
            one = threading.Thread(target=with_lock)
            one.start()
            one.join()

    tasks = [asyncio.ensure_future(one()) for one in (put, take, put, take)]
    await loop.run_in_executor(None, thread)
    for task in tasks:
        task.cancel()


def fork_in_the_midst() -> None:
    """Children do the same again, in their own threads, and end in every way."""
    for _ in range(8):
        time.sleep(random.random() / 20)
        pid = os.fork()
        if pid == 0:
            box: "queue.SimpleQueue[int]" = queue.SimpleQueue()
            one = threading.Thread(target=box.put, args=(1,))
            one.start()
            box.get()
            one.join()
            asyncio.run(many_tasks(20))
            if random.random() < 0.5:
                os._exit(7)
            sys.exit(7)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 7:
            print("a child ended in another way")


def killed_workers() -> None:
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    with ProcessPoolExecutor(3) as pool:
        results = [pool.submit(time.sleep, 0.01) for _ in range(2000)]
        time.sleep(random.random() / 3)
        for process in list(pool._processes.values())[: random.randrange(1, 4)]:
            process.kill()
        try:
            for result in results:
                result.result(timeout=60)
        except BrokenProcessPool:
            print("broken")


class Interrupted(Exception):
    pass


def interrupts() -> None:
    """A handler raises wherever the main thread is, a thousand times; what it was doing must be left as it was."""
    import signal

    raising = False

    def handler(*_: object) -> None:
        nonlocal raising
        if raising:
            raising = False
            raise Interrupted

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0007, 0.0007)
    lock, count = threading.RLock(), 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            raising = True
            while True:
                lock.acquire(timeout=0.01)
                threading.Event().wait(0.001)
        except Interrupted:
            count += 1
        while lock._is_owned():  # type: ignore[attr-defined]
            lock.release()
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("interrupted" if count > 3 else "never interrupted")


def all_threads() -> int:
    threading.stack_size(64 << 10)
    many = [threading.Thread(target=over.wait) for _ in range(10_000)]
    for thread in many:
        thread.start()
    threads.extend(many)
    return len(many)


def execute() -> None:
    os.execv(sys.executable, [sys.executable, "-W", "ignore", __file__, "short", str(SEED), STAMPS])


def say_and_stop(*what: object) -> None:
    over.set()
    sys.__excepthook__(*what)  # type: ignore[arg-type]


sys.excepthook = say_and_stop
threads = [threading.Thread(target=beat)]
if HOW != "allthreads":  # which alone keep a machine busy
    threads += [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
print("ready", flush=True)
if HOW == "wait":
    time.sleep(60)
elif HOW == "short":
    end(0.15)
elif HOW == "pause":
    end(1)
elif HOW == "_exit":
    time.sleep(random.random() / 3)
    os._exit(9)
elif HOW == "abort":
    time.sleep(random.random() / 3)
    os.abort()
elif HOW == "fault":
    import faulthandler

    time.sleep(random.random() / 3)
    faulthandler._sigsegv()
elif HOW == "fork":
    grandchildren()
    end()
elif HOW == "memory":
    no_memory()
    end()
elif HOW == "descriptors":
    no_descriptors()
    end()
elif HOW == "disk":
    no_disk()
    end()
elif HOW == "closerange":
    os.closerange(3, 1000)
    over.set()
    end()
elif HOW == "forks":
    while True:
        grandchildren()
elif HOW == "loop":
    asyncio.run(loop())
elif HOW == "churn":
    churn()
elif HOW == "killed":
    killed_children()
    end()
elif HOW == "time":
    limit(resource.RLIMIT_CPU, 1)
    while True:
        sum(range(1000))
elif HOW == "exec":
    time.sleep(random.random() / 3)
    execute()
elif HOW == "threadexec":
    time.sleep(random.random() / 3)
    threading.Thread(target=execute).start()
    time.sleep(60)
elif HOW == "midst":
    busy = threading.Thread(target=asyncio.run, args=(everything(),))
    busy.start()
    threads.append(busy)
    fork_in_the_midst()
    end()
elif HOW == "everything":
    asyncio.run(everything())
elif HOW == "workers":
    killed_workers()
    end()
elif HOW == "interrupts":
    interrupts()
    end()
elif HOW == "allthreads":
    print(all_threads())
    end()
elif HOW == "full":
    full_disk()
    end()
elif HOW == "manythreads":
    print(many_threads())
    end()
elif HOW == "manyforks":
    print(many_forks())
    end()
elif HOW == "threads":
    many = [threading.Thread(target=over.wait) for _ in range(2000)]
    for thread in many:
        thread.start()
    threads.extend(many)
    end()
elif HOW == "tasks":
    print(asyncio.run(many_tasks(100_000)))
    end()
elif HOW == "processes":
    import subprocess

    for number in range(40):
        subprocess.run([sys.executable, "-c", "import threading; threading.Lock().acquire()"], check=True)
    end()
