# title: a thread ended without giving the lock back
# expect: hang|deadlock
# timeout: 3
# exit: timeout
import threading

lock = threading.Lock()


def careless():
    lock.acquire()
    if len("x") == 1:
        return  # the early return that skips the release
    lock.release()


t = threading.Thread(target=careless)
t.start()
t.join()
lock.acquire()  # expect: hang|deadlock
print("got it")
