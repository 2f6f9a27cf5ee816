# title: two threads take turns by the clock, always just missing each other
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

a, b = threading.Lock(), threading.Lock()


def player(offset, first, second):
    for n in range(5):
        time.sleep(offset if n == 0 else 0.3)
        with first:
            with second:  # expect: lock-order-inversion
                pass


x = threading.Thread(target=player, args=(0.05, a, b))
y = threading.Thread(target=player, args=(0.2, b, a))
x.start()
y.start()
x.join()
y.join()
