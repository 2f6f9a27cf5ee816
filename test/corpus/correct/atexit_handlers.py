# title: atexit stops the worker thread properly
# expect: nothing
# not: warning
# exit: 0
import atexit
import threading

stop = threading.Event()


def beat():
    while not stop.wait(0.1):
        pass


t = threading.Thread(target=beat, daemon=True)
t.start()


@atexit.register
def shutdown():
    stop.set()
    t.join()


threading.Event().wait(0.5)
