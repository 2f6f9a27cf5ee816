"""pytest in two xdist workers, over a few tests with threads, a pool and asyncio."""
# requires: pytest pytest-xdist

import re
import subprocess
import sys

TESTS = """
import asyncio, concurrent.futures, queue, threading
import pytest

@pytest.mark.parametrize("n", range(12))
def test_threads(n):
    box = queue.Queue()
    threads = [threading.Thread(target=box.put, args=(i,)) for i in range(n)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert box.qsize() == n

def test_pool():
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(abs, range(-10, 0))) == 55

def test_loop(caplog, capfd):
    async def main():
        await asyncio.gather(*(asyncio.sleep(0) for _ in range(10)))
    asyncio.run(main())
    assert capfd.readouterr() == ("", "") and not caplog.records

def test_fails():
    assert threading.Lock().locked()

@pytest.mark.filterwarnings("error")
def test_lost_thread_exception():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start(); thread.join()
"""

with open("test_here.py", "w") as file:
    file.write(TESTS)
run = subprocess.run(
    [sys.executable, "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider", "--tb=line", "test_here.py"],
    capture_output=True,
    text=True,
    timeout=80,
)
counted = re.search(r"\d+ failed, \d+ passed(, \d+ warnings?)?", run.stdout)
print(run.returncode, counted and counted[0], sorted(re.findall(r"^FAILED \S+", run.stdout, re.M)), run.stderr)
