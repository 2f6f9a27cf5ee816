# title: two of eight threads are stuck, the others go on
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time

a, b = threading.Lock(), threading.Lock()
meet = threading.Barrier(2)
ticks = [0] * 6


def stuck(first, second):
    with first:
        meet.wait()
        with second:  # expect: deadlock
            pass


def lively(n):
    while True:
        ticks[n] += 1
        time.sleep(0.05)


for n in range(6):
    threading.Thread(target=lively, args=(n,), daemon=True).start()
x = threading.Thread(target=stuck, args=(a, b))
y = threading.Thread(target=stuck, args=(b, a))
x.start()
y.start()
x.join()
