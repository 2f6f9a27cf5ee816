# title: forks before any thread exists
# expect: nothing
# not: warning
# requires: fork
# exit: 0
import os
import threading
import time

pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    os._exit(0)
t = threading.Thread(target=os.waitpid, args=(pid, 0))
t.start()
t.join()
