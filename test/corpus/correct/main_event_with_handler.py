# title: a daemon that waits on an event which only its SIGTERM handler sets
# expect: nothing
# not: warning
# timeout: 5
# exit: timeout
import signal
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
signal.signal(signal.SIGINT, lambda *_: stop.set())


def heartbeat():
    while not stop.wait(0.5):
        pass


threading.Thread(target=heartbeat, daemon=True).start()
stop.wait()
