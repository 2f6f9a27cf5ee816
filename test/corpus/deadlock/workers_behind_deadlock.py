# title: a deadlock with others queueing behind it
# expect: deadlock
# may: lock-contention
# timeout: 3
# exit: timeout
import threading

a = threading.Lock()
b = threading.Lock()
meet = threading.Barrier(3)
closed = threading.Event()


def one():
    with a:
        meet.wait()
        b.acquire()  # expect: deadlock


def two():
    with b:
        meet.wait()
        a.acquire()  # expect: deadlock


def bystander():
    closed.wait()
    with a:
        pass


threads = [threading.Thread(target=f) for f in (one, two, bystander, bystander)]
for t in threads:
    t.start()
meet.wait()
closed.set()
for t in threads:
    t.join()
