# title: a Timer's callback against the main thread
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time

cache = threading.Lock()
log = threading.Lock()


def expire():
    with cache:
        time.sleep(0.2)
        with log:  # expect: deadlock
            print("expired")


timer = threading.Timer(0.2, expire)
timer.start()
with log:
    time.sleep(0.35)
    with cache:  # expect: deadlock
        print("hit")
