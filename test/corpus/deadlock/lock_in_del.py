# title: a finaliser takes the lock its creator already holds
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

pool_lock = threading.Lock()
free = []


class Handle:
    def __init__(self, fd):
        self.fd = fd

    def __del__(self):
        with pool_lock:  # expect: deadlock
            free.append(self.fd)


def replace(table):
    with pool_lock:
        table["x"] = Handle(2)


table = {"x": Handle(1)}
t = threading.Thread(target=replace, args=(table,))
t.start()
t.join()
