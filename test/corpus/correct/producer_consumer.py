# title: producers and consumers with proper sentinels
# expect: nothing
# not: warning
# exit: 0
import queue
import threading
import time

q = queue.Queue(maxsize=8)
DONE = object()


def produce(n):
    for i in range(20):
        q.put((n, i))
        time.sleep(0.01)


def consume(out):
    while True:
        item = q.get()
        if item is DONE:
            q.put(DONE)
            return
        out.append(item)


out = []
producers = [threading.Thread(target=produce, args=(n,)) for n in range(2)]
consumers = [threading.Thread(target=consume, args=(out,)) for _ in range(3)]
for t in producers + consumers:
    t.start()
for t in producers:
    t.join()
q.put(DONE)
for t in consumers:
    t.join()
print(len(out))
