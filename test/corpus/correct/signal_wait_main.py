# title: workers wait in get for ever, main waits for an event a signal sets
# expect: nothing
# not: warning
# timeout: 4
# exit: timeout
import queue
import signal
import sys
import threading

jobs = queue.Queue()
quit_event = threading.Event()


def handler(signum, frame):
    quit_event.set()
    jobs.put(None)


def worker():
    while jobs.get() is not None:
        pass


signal.signal(signal.SIGTERM, handler)
signal.signal(signal.SIGINT, handler)
w = threading.Thread(target=worker)
w.start()
quit_event.wait()
w.join()
sys.exit(0)
