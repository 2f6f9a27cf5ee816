# title: waits on one condition while holding the lock of another that the notifier needs
# expect: deadlock|hang
# timeout: 2
# exit: timeout
import threading
import time

outer = threading.Condition()
inner = threading.Condition()
ready = []


def reader():
    with outer:
        with inner:
            while not ready:
                inner.wait()  # expect: deadlock|hang


def writer():
    time.sleep(0.1)
    with outer:
        with inner:
            ready.append(1)
            inner.notify_all()


threads = [threading.Thread(target=reader), threading.Thread(target=writer)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
