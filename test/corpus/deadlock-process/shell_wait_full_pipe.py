# title: waits for a shell whose command, no Python, fills the pipe
# expect: deadlock
# requires: linux
# timeout: 6
# exit: timeout
import subprocess

child = subprocess.Popen("head -c 300000 /dev/zero; true", shell=True, stdout=subprocess.PIPE)
child.wait()  # expect: deadlock
print(len(child.stdout.read()))
