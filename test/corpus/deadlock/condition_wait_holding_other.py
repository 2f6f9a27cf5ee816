# title: waits on a condition while holding the lock the notifier needs
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import threading
import time

state_lock = threading.Lock()
changed = threading.Condition()
value = 0


def reader():
    with state_lock:
        with changed:
            while value == 0:
                changed.wait()  # expect: deadlock|hang


def writer():
    global value
    time.sleep(0.3)
    with state_lock:  # expect: deadlock|hang
        with changed:
            value = 1
            changed.notify_all()


r, w = threading.Thread(target=reader), threading.Thread(target=writer)
r.start()
w.start()
r.join()
w.join()
