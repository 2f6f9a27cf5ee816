# title: tries with a timeout first, then waits without one
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

a, b = threading.Lock(), threading.Lock()
meet = threading.Barrier(2)


def run(first, second):
    with first:
        meet.wait()
        if second.acquire(timeout=0.3):
            second.release()
        second.acquire()  # expect: deadlock


x = threading.Thread(target=run, args=(a, b))
y = threading.Thread(target=run, args=(b, a))
x.start()
y.start()
x.join()
y.join()
