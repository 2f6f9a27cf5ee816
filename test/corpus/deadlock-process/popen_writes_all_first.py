# title: writes all of a child's input before it reads any of the output
# expect: deadlock
# requires: linux
# timeout: 5
# exit: timeout
import subprocess
import sys

ECHO = "import sys\nfor line in sys.stdin: sys.stdout.write(line)"

child = subprocess.Popen(
    [sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
for number in range(100_000):
    child.stdin.write(f"line {number}\n")  # expect: deadlock
child.stdin.close()
print(len(child.stdout.read()))
