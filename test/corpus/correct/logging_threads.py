# title: ten threads that log
# expect: nothing
# not: warning
# exit: 0
import io
import logging
import threading
import time

stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO, format="%(threadName)s %(message)s")
log = logging.getLogger("app")


def chatter(n):
    for i in range(20):
        log.info("message %d", i)
        time.sleep(0.005)


ts = [threading.Thread(target=chatter, args=(n,)) for n in range(10)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(stream.getvalue().count("\n"))
