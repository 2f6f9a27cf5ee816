# title: talks with a child that reads and answers slowly, and waits for its end
# expect: nothing
# not: warning
# exit: 0
import subprocess
import sys

SLOW = """
import sys, time
total = 0
for data in iter(lambda: sys.stdin.buffer.read(100_000), b""):
    total += len(data)
    time.sleep(0.4)
print(total)
"""

child = subprocess.Popen(
    [sys.executable, "-c", SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
for _ in range(8):
    child.stdin.write(bytes(100_000))
child.stdin.close()
print(child.stdout.read())
child.wait()
