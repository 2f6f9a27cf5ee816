# title: a Condition made from a plain Lock entered twice
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

cond = threading.Condition(threading.Lock())
items = []


def put(item):
    with cond:
        items.append(item)
        announce()


def announce():
    with cond:  # expect: deadlock
        cond.notify_all()


t = threading.Thread(target=put, args=(1,))
t.start()
t.join()
