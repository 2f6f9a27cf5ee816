# title: daemon heartbeats wait with a timeout while the main thread waits long for a process
# expect: nothing
# not: warning
# exit: 0
import subprocess
import sys
import threading

halt = threading.Event()


def beat():
    while not halt.wait(0.2):
        pass


beats = [threading.Thread(target=beat, daemon=True) for _ in range(3)]
for one in beats:
    one.start()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1.8)"])
child.wait()
halt.set()
for one in beats:
    one.join()
