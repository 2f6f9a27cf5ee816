# title: two objects of one class, each used in one order only
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Pair:
    def __init__(self):
        self.left = threading.Lock()
        self.right = threading.Lock()


p, q = Pair(), Pair()


def on_p():
    for _ in range(10):
        with p.left, p.right:
            time.sleep(0.005)


def on_q():
    for _ in range(10):
        with q.right, q.left:
            time.sleep(0.005)


ts = [threading.Thread(target=f) for f in (on_p, on_q, on_p, on_q)]
for t in ts:
    t.start()
for t in ts:
    t.join()
