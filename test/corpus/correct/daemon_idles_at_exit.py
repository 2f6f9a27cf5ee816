# title: daemon threads that idle when the program ends
# expect: nothing
# not: warning
# exit: 0
import queue
import threading
import time

jobs = queue.Queue()


def worker():
    while True:
        fn = jobs.get()
        fn()
        jobs.task_done()


for _ in range(3):
    threading.Thread(target=worker, daemon=True).start()
for n in range(9):
    jobs.put(lambda: time.sleep(0.02))
jobs.join()
time.sleep(0.2)
