# title: sleeps half a second under a lock others want
# expect: long-hold|lock-contention
# may: lock-contention long-hold
# not: deadlock hang
# exit: 0
import threading
import time

lock = threading.Lock()
value = 0


def slow_writer():
    global value
    for _ in range(3):
        with lock:
            time.sleep(0.5)
            value += 1
        time.sleep(0.1)


def reader():
    for _ in range(12):
        with lock:
            print(value, end=" ")
        time.sleep(0.1)


ts = [threading.Thread(target=slow_writer), threading.Thread(target=reader)]
for t in ts:
    t.start()
for t in ts:
    t.join()
