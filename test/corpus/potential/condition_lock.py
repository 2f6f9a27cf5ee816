# title: a Condition's lock and a Lock in opposite order
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

available = threading.Condition()
ledger = threading.Lock()


def deliver():
    with available:
        with ledger:  # expect: lock-order-inversion
            available.notify_all()


def settle():
    time.sleep(0.3)
    with ledger:
        with available:  # expect: lock-order-inversion
            pass


for f in (deliver, settle):
    threading.Thread(target=f).start()
