# title: waits for a child with a full pipe, which another thread reads after three seconds
# expect: nothing
# not: warning
# exit: 0
import subprocess
import sys
import threading
import time

child = subprocess.Popen([sys.executable, "-c", "print('x' * 300_000)"], stdout=subprocess.PIPE)
got = []


def read():
    time.sleep(3)
    got.append(len(child.stdout.read()))


reader = threading.Thread(target=read)
reader.start()
child.wait()
reader.join()
print(got)
