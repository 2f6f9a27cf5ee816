# title: a BoundedSemaphore against a Lock
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

slots = threading.BoundedSemaphore(1)
registry = threading.Lock()
inside = threading.Event()
held = threading.Event()


def worker():
    slots.acquire()
    inside.set()
    held.wait()
    try:
        with registry:  # expect: deadlock
            pass
    finally:
        slots.release()


def admin():
    with registry:
        held.set()
        inside.wait()
        with slots:  # expect: deadlock
            pass


t = [threading.Thread(target=worker), threading.Thread(target=admin)]
for x in t:
    x.start()
for x in t:
    x.join()
