# title: fork while another thread holds a lock: the child's copy is never released
# expect: fork-with-threads
# may: hang deadlock
# requires: fork
# timeout: 4
# exit: timeout
import os
import threading
import time

lock = threading.Lock()
held = threading.Event()


def holder():
    with lock:
        held.set()
        time.sleep(0.5)


t = threading.Thread(target=holder)
t.start()
held.wait()
pid = os.fork()  # expect: fork-with-threads
if pid == 0:
    with lock:
        print("child got the lock")
    os._exit(0)
t.join()
os.waitpid(pid, 0)
