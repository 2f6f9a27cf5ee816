# title: locks taken deep in helper functions with try/finally
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

L1 = threading.Lock()
L2 = threading.Lock()
START = threading.Barrier(2)


def _lock(lock):
    lock.acquire()  # expect: deadlock


def _unlock(lock):
    lock.release()


def guarded(lock, action):
    _lock(lock)
    try:
        return action()
    finally:
        _unlock(lock)


def forward():
    return guarded(L1, lambda: (START.wait(), guarded(L2, lambda: 1)))


def backward():
    return guarded(L2, lambda: (START.wait(), guarded(L1, lambda: 2)))


t1 = threading.Thread(target=forward)
t2 = threading.Thread(target=backward)
t1.start()
t2.start()
t1.join()
t2.join()
