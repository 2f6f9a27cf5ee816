# title: six threads do all their work under one lock
# expect: lock-contention
# may: long-hold gil-bound
# not: deadlock hang
# exit: 0
import threading
import time

lock = threading.Lock()
total = 0


def work():
    global total
    for _ in range(30):
        with lock:  # expect: lock-contention
            time.sleep(0.01)
            total += 1


ts = [threading.Thread(target=work) for _ in range(6)]
[t.start() for t in ts]
[t.join() for t in ts]
print(total)
