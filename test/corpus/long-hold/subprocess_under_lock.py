# title: runs a child process under a lock
# expect: long-hold|lock-contention
# may: lock-contention long-hold
# not: deadlock hang
# exit: 0
import subprocess
import sys
import threading

build_lock = threading.Lock()
built = []


def build(target):
    with build_lock:
        subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.4)"], check=True)
        built.append(target)


workers = [threading.Thread(target=build, args=(t,)) for t in ("lib", "app", "docs")]
for w in workers:
    w.start()
for w in workers:
    w.join()
print(built)
