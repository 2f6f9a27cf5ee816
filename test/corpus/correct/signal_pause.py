# title: main in signal.pause, workers in get, for ever
# expect: nothing
# not: warning
# requires: fork
# timeout: 4
# exit: timeout
import queue
import signal
import threading

jobs = queue.Queue()


def worker():
    while True:
        jobs.get()()


for n in range(2):
    threading.Thread(target=worker, daemon=True, name=f"worker-{n}").start()
jobs.put(lambda: print("hello"))
while True:
    signal.pause()
