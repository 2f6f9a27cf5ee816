# title: timers that re-arm themselves and one that is cancelled
# expect: nothing
# not: warning
# exit: 0
import threading
import time

beats = []


def beat():
    beats.append(time.monotonic())
    if len(beats) < 6:
        threading.Timer(0.1, beat).start()


never = threading.Timer(60, print, args=("never",))
never.start()
beat()
time.sleep(0.9)
never.cancel()
print(len(beats))
