# title: a queue fed by a thread that reads a slow child program
# expect: nothing
# not: warning
# exit: 0
import queue
import subprocess
import sys
import threading

SCRIPT = "import time\nfor n in range(3):\n    time.sleep(0.7)\n    print(n, flush=True)"
child = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
lines = queue.Queue()


def pump():
    for line in child.stdout:
        lines.put(line)
    lines.put(None)


threading.Thread(target=pump).start()
print([line.strip() for line in iter(lines.get, None)])
child.wait()
