# title: a condition with a predicate and notify_all
# expect: nothing
# not: warning
# exit: 0
import threading
import time

cond = threading.Condition()
stage = 0


def wait_for_stage(n):
    with cond:
        cond.wait_for(lambda: stage >= n)


def advance():
    global stage
    for _ in range(4):
        time.sleep(0.25)
        with cond:
            stage += 1
            cond.notify_all()


ts = [threading.Thread(target=wait_for_stage, args=(n,)) for n in (1, 2, 3, 4)]
ts.append(threading.Thread(target=advance))
for t in ts:
    t.start()
for t in ts:
    t.join()
