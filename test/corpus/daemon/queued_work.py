# title: a daemon writer with queued work at exit
# expect: daemon-killed
# exit: 0
import queue
import threading
import time

lines = queue.Queue()
written = []


def writer():
    while True:
        line = lines.get()
        time.sleep(0.1)
        written.append(line)


threading.Thread(target=writer, daemon=True, name="writer").start()
for n in range(30):
    lines.put(n)
time.sleep(0.5)
print(len(written), "of 30 written")
