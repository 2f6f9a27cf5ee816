# title: a cycle of five through Lock, RLock, Condition, Semaphore and join
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time

lock, rlock, cond, sem = threading.Lock(), threading.RLock(), threading.Condition(), threading.Semaphore(1)
ready = threading.Barrier(4)


def holder(mine, wanted):
    with mine:
        ready.wait()
        with wanted:  # expect: deadlock
            pass


def joiner(other):
    with sem:
        ready.wait()
        time.sleep(0.1)
        other.join()  # expect: deadlock


first = threading.Thread(target=holder, args=(lock, rlock))
second = threading.Thread(target=holder, args=(rlock, cond))
third = threading.Thread(target=holder, args=(cond, sem))
last = threading.Thread(target=joiner, args=(first,))
for t in (first, second, third, last):
    t.start()
for t in (second, third, last):
    t.join()
