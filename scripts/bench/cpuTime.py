"""Runs a command and prints what it cost on the last line: CPU seconds, wall seconds, most memory in KiB, exit status."""

import resource
import subprocess
import sys
import time

begun = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
wall = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime + used.ru_stime:.4f} {wall:.4f} {used.ru_maxrss} {code}")
