# title: one party holds the lock another needs to reach the barrier
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import threading
import time

barrier = threading.Barrier(2)
shared = threading.Lock()


def fast():
    with shared:
        barrier.wait()  # expect: deadlock|hang


def slow():
    time.sleep(0.2)
    with shared:  # expect: deadlock|hang
        pass
    barrier.wait()


ts = [threading.Thread(target=fast), threading.Thread(target=slow)]
for t in ts:
    t.start()
for t in ts:
    t.join()
