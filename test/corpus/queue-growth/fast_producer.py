# title: an unbounded queue with a slow consumer
# expect: queue-growth
# not: deadlock hang
# exit: 0
import queue
import threading
import time

events = queue.Queue()
stop = threading.Event()


def produce():
    n = 0
    while not stop.is_set():
        events.put(n)
        n += 1
        time.sleep(0.001)


def consume():
    while not stop.is_set():
        try:
            events.get(timeout=0.1)
        except queue.Empty:
            continue
        time.sleep(0.01)


ts = [threading.Thread(target=produce), threading.Thread(target=consume)]
for t in ts:
    t.start()
time.sleep(2.5)
stop.set()
for t in ts:
    t.join()
print(events.qsize(), "left behind")
