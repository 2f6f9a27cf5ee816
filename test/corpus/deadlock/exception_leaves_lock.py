# title: an exception between acquire and release
# expect: hang|deadlock
# timeout: 3
# exit: timeout
import threading

lock = threading.Lock()
rows = []


def insert(row):
    lock.acquire()
    rows.append(int(row))
    lock.release()


def insert_all(batch):
    for row in batch:
        try:
            insert(row)
        except ValueError:
            break


a = threading.Thread(target=insert_all, args=(["1", "two"],))
a.start()
a.join()
b = threading.Thread(target=insert_all, args=(["3"],))
with_b = b.start()
b.join(0.5)
lock.acquire()  # expect: hang|deadlock
