# title: an Event set after a long while
# expect: nothing
# not: warning
# exit: 0
import threading
import time

ready = threading.Event()


def client(n):
    ready.wait()


clients = [threading.Thread(target=client, args=(n,)) for n in range(4)]
for c in clients:
    c.start()
time.sleep(2.5)
ready.set()
for c in clients:
    c.join()
