# title: put on a full queue under the lock its consumer needs
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import queue
import threading
import time

jobs = queue.Queue(maxsize=1)
stats = threading.Lock()
count = 0


def produce():
    for n in range(10):
        with stats:
            jobs.put(n)  # expect: deadlock|hang


def consume():
    global count
    while True:
        jobs.get()
        time.sleep(0.1)
        with stats:  # expect: deadlock|hang
            count += 1


c = threading.Thread(target=consume)
p = threading.Thread(target=produce)
p.start()
c.start()
p.join()
