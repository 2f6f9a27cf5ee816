# title: waits for a child before reading its output, which is more than the pipe holds
# expect: deadlock
# requires: linux
# timeout: 5
# exit: timeout
import subprocess
import sys


def main():
    child = subprocess.Popen(
        [sys.executable, "-c", "print('x' * 200_000)"], stdout=subprocess.PIPE
    )
    child.wait()  # expect: deadlock
    print(len(child.stdout.read()))


main()
