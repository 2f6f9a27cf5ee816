# title: the sched module with events that set events
# expect: nothing
# not: warning
# exit: 0
import sched
import threading
import time

clock = sched.scheduler(time.monotonic, time.sleep)
ready = threading.Event()
clock.enter(0.6, 1, ready.set)
clock.enter(1.6, 1, print, ("done",))
waiter = threading.Thread(target=ready.wait)
waiter.start()
clock.run()
waiter.join()
