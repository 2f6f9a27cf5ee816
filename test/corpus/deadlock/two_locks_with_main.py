# title: the main thread is one of the two
# expect: deadlock
# timeout: 3
# exit: timeout
from threading import Event, Lock, Thread

left, right = Lock(), Lock()
ready = Event()


def helper():
    right.acquire()
    ready.set()
    left.acquire()  # expect: deadlock
    left.release()
    right.release()


def main():
    left.acquire()
    t = Thread(target=helper)
    t.start()
    ready.wait()
    right.acquire()  # expect: deadlock
    print("never printed")


main()
