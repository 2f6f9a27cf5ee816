# title: two executors stand idle while the main thread computes, and a consumer thread waits for its next batch
# expect: nothing
# not: warning
# exit: 0
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

batches = queue.Queue()
seen = []


def consume():
    while (batch := batches.get()) is not None:
        seen.append(sum(batch))


consumer = threading.Thread(target=consume)
consumer.start()
with ThreadPoolExecutor(3) as readers, ThreadPoolExecutor(2) as writers:
    for number in range(3):
        batches.put(list(readers.map(abs, range(-number, number))))
        writers.submit(len, "x").result()
        time.sleep(0.5)
    time.sleep(1.2)
batches.put(None)
consumer.join()
print(seen)
