# title: a semaphore whose permits leak
# expect: hang|deadlock
# timeout: 3
# exit: timeout
import threading

limit = threading.Semaphore(2)


def fetch(n):
    limit.acquire()  # expect: hang|deadlock
    try:
        result = 10 // n
    except ZeroDivisionError:
        return None
    limit.release()
    return result


for n in (1, 0, 2, 0, 3):
    t = threading.Thread(target=fetch, args=(n,))
    t.start()
    t.join()
