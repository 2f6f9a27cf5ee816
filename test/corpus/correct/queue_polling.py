# title: queue.get(timeout) in a polling loop
# expect: nothing
# not: warning
# exit: 0
import queue
import threading
import time

q = queue.Queue()
stop = threading.Event()
seen = []


def poll():
    while not stop.is_set():
        try:
            seen.append(q.get(timeout=0.1))
        except queue.Empty:
            pass


t = threading.Thread(target=poll)
t.start()
for n in range(4):
    time.sleep(0.3)
    q.put(n)
stop.set()
t.join()
print(seen)
