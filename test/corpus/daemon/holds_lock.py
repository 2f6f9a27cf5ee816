# title: a daemon is killed while it holds a lock
# expect: daemon-killed
# exit: 0
import threading
import time

file_lock = threading.Lock()
busy = threading.Event()


def save():
    with file_lock:
        busy.set()
        time.sleep(30)


threading.Thread(target=save, daemon=True).start()
busy.wait()
time.sleep(0.3)
print("bye")
