# title: two wait, one notify
# expect: hang
# timeout: 3
# exit: timeout
import threading
import time

cond = threading.Condition()
go = False
waiting = 0


def runner():
    global waiting
    with cond:
        waiting += 1
        while not go:
            cond.wait()  # expect: hang


runners = [threading.Thread(target=runner) for _ in range(2)]
for r in runners:
    r.start()
while waiting < 2:
    time.sleep(0.01)
with cond:
    go = True
    cond.notify()
for r in runners:
    r.join()
