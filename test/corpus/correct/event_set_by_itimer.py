# title: an Event set by a timer signal
# expect: nothing
# not: warning
# requires: fork
# exit: 0
import signal
import threading

rang = threading.Event()
signal.signal(signal.SIGALRM, lambda *_: rang.set())
signal.setitimer(signal.ITIMER_REAL, 1.5)
rang.wait()
print("rang")
