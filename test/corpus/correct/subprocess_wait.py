# title: waits for child programs
# expect: nothing
# not: warning
# exit: 0
import subprocess
import sys
import threading

SCRIPT = "import time; time.sleep(0.8)"
children = [subprocess.Popen([sys.executable, "-S", "-c", SCRIPT]) for _ in range(2)]
waiters = [threading.Thread(target=c.wait) for c in children]
for w in waiters:
    w.start()
for w in waiters:
    w.join()
print([c.returncode for c in children])
