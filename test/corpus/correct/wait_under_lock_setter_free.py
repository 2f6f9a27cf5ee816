# title: waits for an Event under a lock the setter never needs
# expect: nothing
# not: warning
# exit: 0
import threading
import time

lock = threading.Lock()
ready = threading.Event()


def setter():
    time.sleep(0.8)
    ready.set()


t = threading.Thread(target=setter)
t.start()
with lock:
    ready.wait()
t.join()
