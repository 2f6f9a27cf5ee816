# title: one thread alone uses both orders
# expect: nothing
# not: warning
# exit: 0
import threading
import time

x, y = threading.Lock(), threading.Lock()


def only():
    for n in range(20):
        first, second = (x, y) if n % 2 else (y, x)
        with first:
            with second:
                time.sleep(0.005)


t = threading.Thread(target=only)
t.start()
t.join()
