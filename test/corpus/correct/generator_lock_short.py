# title: lock objects of many kinds used briefly by many threads
# expect: nothing
# not: warning
# exit: 0
import threading
import time

kinds = [threading.Lock(), threading.RLock(), threading.Condition(), threading.Semaphore(3), threading.BoundedSemaphore(2)]


def visit(n):
    for i in range(25):
        with kinds[(n + i) % len(kinds)]:
            pass
        time.sleep(0.003)


ts = [threading.Thread(target=visit, args=(n,)) for n in range(5)]
for t in ts:
    t.start()
for t in ts:
    t.join()
