# title: the first-readers-lock kind of readers-writer lock, reader takes it twice around a writer
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time


class RWLock:
    """Writers block new readers: turnstile + room."""

    def __init__(self):
        self.turnstile = threading.Lock()
        self.room = threading.Lock()

    def read(self):
        with self.turnstile:  # expect: deadlock
            pass
        self.room.acquire(blocking=False)

    def write(self):
        with self.turnstile:
            with self.room:  # expect: deadlock
                pass


rw = RWLock()
started = threading.Event()


def nested_reader():
    rw.read()
    started.set()
    time.sleep(0.3)
    rw.read()
    rw.room.release()


def writer():
    started.wait()
    rw.write()


a = threading.Thread(target=nested_reader)
b = threading.Thread(target=writer)
a.start()
b.start()
a.join()
b.join()
