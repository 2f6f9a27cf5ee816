# title: a signal handler that sets a flag
# expect: nothing
# not: warning
# requires: fork
# exit: 0
import os
import signal
import threading
import time

hits = threading.Semaphore(0)
signal.signal(signal.SIGUSR1, lambda *_: hits.release())


def sender():
    for _ in range(3):
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGUSR1)


t = threading.Thread(target=sender)
t.start()
for _ in range(3):
    hits.acquire()
t.join()
