# title: waits for an Event under the lock its setter needs first
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import threading

lock = threading.Lock()
done = threading.Event()
begun = threading.Event()


def setter():
    begun.wait()
    with lock:  # expect: deadlock|hang
        done.set()


t = threading.Thread(target=setter)
t.start()
with lock:
    begun.set()
    done.wait()  # expect: deadlock|hang
t.join()
