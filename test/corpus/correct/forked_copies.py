# title: opposite orders in two processes, each with its own copy of the locks
# expect: nothing
# not: warning
# exit: 0
import multiprocessing
import threading
import time

a, b = threading.Lock(), threading.Lock()


def one(first, second):
    for _ in range(5):
        with first, second:
            time.sleep(0.02)


def child(forward):
    one(*((a, b) if forward else (b, a)))


if __name__ == "__main__":
    ps = [multiprocessing.Process(target=child, args=(f,)) for f in (True, False)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
