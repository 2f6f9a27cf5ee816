# title: a gate lock around opposite orders
# expect: nothing
# not: warning
# exit: 0
import threading
import time

gate, a, b = threading.Lock(), threading.Lock(), threading.Lock()


def one():
    for _ in range(10):
        with gate:
            with a:
                with b:
                    pass
        time.sleep(0.01)


def two():
    for _ in range(10):
        with gate:
            with b:
                with a:
                    pass
        time.sleep(0.01)


ts = [threading.Thread(target=one), threading.Thread(target=two)]
for t in ts:
    t.start()
for t in ts:
    t.join()
