# title: queue.join without task_done
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

jobs = queue.Queue()


def worker():
    while True:
        job = jobs.get()
        print("did", job)


for _ in range(2):
    threading.Thread(target=worker, daemon=True).start()
for n in range(4):
    jobs.put(n)
jobs.join()  # expect: hang
