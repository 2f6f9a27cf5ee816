# title: reads all of a child's stdout first, while it fills its stderr
# expect: deadlock
# requires: linux
# timeout: 5
# exit: timeout
import subprocess
import sys

NOISY = "import sys; sys.stderr.write('e' * 200_000); print('done')"

child = subprocess.Popen(
    [sys.executable, "-c", NOISY], stdout=subprocess.PIPE, stderr=subprocess.PIPE
)
print(child.stdout.read())  # expect: deadlock
print(len(child.stderr.read()))
child.wait()
