"""What coverage.py sees of threads, tasks and pools: the same lines."""
# requires: coverage

import json
import os
import subprocess
import sys

PROGRAM = """
import asyncio, concurrent.futures, queue, threading
lock, box = threading.Lock(), queue.Queue()
def work(number):
    with lock:
        box.put(number)
    if number > 100:
        return None
    return box.get()
def never():
    return 1
async def main():
    lock = asyncio.Lock()
    async with lock:
        await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(5)))
threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    list(pool.map(work, range(5)))
asyncio.run(main())
"""

with open("measured.py", "w") as file:
    file.write(PROGRAM)
for core in ("ctrace", "pytrace", "sysmon"):
    if core == "sysmon" and sys.version_info < (3, 13):
        continue
    env = {**os.environ, "COVERAGE_CORE": core}
    command = [sys.executable, "-m", "coverage"]
    for arguments in (["run", "--branch"], ["run"]):
        subprocess.run([*command, *arguments, "measured.py"], check=True, env=env)
        subprocess.run([*command, "json", "-q"], check=True, env=env)
        with open("coverage.json") as file:
            report = json.load(file)
        files = {os.path.basename(name): one for name, one in report["files"].items()}
        print(core, sorted(files), files["measured.py"]["missing_lines"])
        print(files["measured.py"]["summary"])
