# title: opposite orders, but the first thread is joined before the second starts
# expect: nothing
# not: warning
# exit: 0
import threading
import time

a, b = threading.Lock(), threading.Lock()


def load():
    with a:
        with b:
            time.sleep(0.02)


def save():
    with b:
        with a:
            time.sleep(0.02)


t = threading.Thread(target=load)
t.start()
t.join()
u = threading.Thread(target=save)
u.start()
u.join()
