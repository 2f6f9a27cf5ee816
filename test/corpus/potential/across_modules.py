# title: two modules with a lock each
# with: metrics_module.py
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

import metrics_module

session_lock = threading.Lock()


def open_session():
    with session_lock:
        metrics_module.count("open")


def report():
    time.sleep(0.3)
    metrics_module.flush(close_idle)


def close_idle():
    with session_lock:  # expect: lock-order-inversion
        pass


t = threading.Thread(target=open_session)
u = threading.Thread(target=report)
t.start()
u.start()
t.join()
u.join()
