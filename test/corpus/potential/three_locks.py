# title: a ring of three that does not close
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

locks = [threading.Lock(), threading.Lock(), threading.Lock()]


def run(first, second, delay):
    time.sleep(delay)
    with first, second:  # expect: lock-order-inversion
        time.sleep(0.01)


x, y, z = locks
ts = [
    threading.Thread(target=run, args=(x, y, 0)),
    threading.Thread(target=run, args=(y, z, 0.2)),
    threading.Thread(target=run, args=(z, x, 0.4)),
]
for t in ts:
    t.start()
for t in ts:
    t.join()
