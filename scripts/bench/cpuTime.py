"""Runs a command and prints what it cost on the last line: CPU seconds, wall seconds, most memory in KiB, exit status.

One that takes longer than anybody would wait is ended; its status is -1.
"""

import os
import resource
import signal
import subprocess
import sys
import time

PATIENCE = 240

begun = time.monotonic()
process = subprocess.Popen(
    sys.argv[1:],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    start_new_session=True,
)
late = False


def give_up(*_: object) -> None:
    global late
    late = True
    # With all that it has started.
    os.killpg(process.pid, signal.SIGKILL)


# Waiting with a timeout would look every 50 ms only.
signal.signal(signal.SIGALRM, give_up)
signal.alarm(PATIENCE)
code = process.wait()
if late:
    code = -1
wall = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime + used.ru_stime:.4f} {wall:.4f} {used.ru_maxrss} {code}")
