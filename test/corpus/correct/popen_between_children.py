# title: the copy of a pipe between two children stays open in the parent, the second child reads slowly
# expect: nothing
# not: warning
# exit: 0
import subprocess
import sys

READ = "import sys, time; time.sleep(3); print(len(sys.stdin.read()))"

first = subprocess.Popen([sys.executable, "-c", "print('x' * 500_000)"], stdout=subprocess.PIPE)
second = subprocess.Popen([sys.executable, "-c", READ], stdin=first.stdout)
first.wait()
second.wait()
