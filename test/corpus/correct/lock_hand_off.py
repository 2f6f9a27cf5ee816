# title: a lock acquired by one thread and released by another
# expect: nothing
# not: warning
# exit: 0
import threading
import time

baton = threading.Lock()
baton.acquire()


def starter():
    time.sleep(0.6)
    baton.release()


def runner():
    baton.acquire()
    print("running")
    baton.release()


ts = [threading.Thread(target=starter), threading.Thread(target=runner)]
for t in ts:
    t.start()
for t in ts:
    t.join()
