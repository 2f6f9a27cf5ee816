# title: a producer fills a bounded queue under the lock that its consumer needs
# expect: deadlock|hang
# timeout: 2
# exit: timeout
import queue
import threading

jobs = queue.Queue(maxsize=2)
stats_lock = threading.Lock()
stats = {"made": 0, "used": 0}


def produce():
    with stats_lock:
        for number in range(10):
            jobs.put(number)  # expect: deadlock|hang
            stats["made"] += 1
    jobs.put(None)


def consume():
    while True:
        item = jobs.get()
        if item is None:
            return
        with stats_lock:
            stats["used"] += 1


threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
