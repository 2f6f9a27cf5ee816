# title: both orders, never nested
# expect: nothing
# not: warning
# exit: 0
import threading
import time

a, b = threading.Lock(), threading.Lock()


def one():
    for _ in range(20):
        with a:
            pass
        with b:
            pass
        time.sleep(0.005)


def two():
    for _ in range(20):
        b.acquire()
        b.release()
        a.acquire()
        a.release()
        time.sleep(0.005)


ts = [threading.Thread(target=one), threading.Thread(target=two)]
for t in ts:
    t.start()
for t in ts:
    t.join()
