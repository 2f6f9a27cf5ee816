# title: five locks in a list, five threads
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from functools import partial

N = 5
locks = [threading.Lock() for _ in range(N)]
gate = threading.Barrier(N)


def eat(i):
    first, second = locks[i], locks[(i + 1) % N]
    with first:
        gate.wait()
        with second:  # expect: deadlock
            return "done"


ts = [threading.Thread(target=partial(eat, i)) for i in range(N)]
for t in ts:
    t.start()
for t in ts:
    t.join()
