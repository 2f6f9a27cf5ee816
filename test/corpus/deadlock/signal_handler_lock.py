# title: a signal handler takes the lock the main thread holds
# expect: deadlock
# requires: fork
# timeout: 4
# exit: timeout
import os
import signal
import threading
import time

lock = threading.Lock()


def on_signal(signum, frame):
    with lock:  # expect: deadlock
        print("counted")


signal.signal(signal.SIGUSR1, on_signal)
with lock:
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.1)
