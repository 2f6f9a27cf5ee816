# title: Condition.wait with a timeout in a loop
# expect: nothing
# not: warning
# exit: 0
import threading
import time

cond = threading.Condition()
stop = False


def worker():
    rounds = 0
    with cond:
        while not stop:
            cond.wait(timeout=0.1)
            rounds += 1
    print("rounds", rounds > 3)


t = threading.Thread(target=worker)
t.start()
time.sleep(1)
with cond:
    stop = True
    cond.notify_all()
t.join()
