# title: one thread takes one Lock twice
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

lock = threading.Lock()


def add(total, item):
    lock.acquire()  # expect: deadlock
    total.append(item)
    if len(total) < 3:
        add(total, item + 1)
    lock.release()


items = []
worker = threading.Thread(target=add, args=(items, 0))
worker.start()
worker.join()
