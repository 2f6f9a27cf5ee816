# title: an RLock against a Condition's lock
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

model = threading.RLock()
view = threading.Condition()
a_in, b_in = threading.Event(), threading.Event()


def update_model():
    with model:
        with model:
            a_in.set()
            b_in.wait()
            with view:  # expect: deadlock
                view.notify_all()


def redraw():
    with view:
        b_in.set()
        a_in.wait()
        with model:  # expect: deadlock
            pass


t1 = threading.Thread(target=update_model)
t2 = threading.Thread(target=redraw)
t1.start(), t2.start()
t1.join(), t2.join()
