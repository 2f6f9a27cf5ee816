# title: threads that sleep long and legitimately
# expect: nothing
# not: warning
# exit: 0
import threading
import time


def cron(every, times, log):
    for _ in range(times):
        time.sleep(every)
        log.append(every)


log = []
ts = [threading.Thread(target=cron, args=(e, 2, log)) for e in (0.5, 0.9, 1.2)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(log)
