# title: os.fork beside a live thread
# expect: fork-with-threads
# requires: fork
# exit: 0
import os
import threading
import time

stop = threading.Event()
t = threading.Thread(target=stop.wait)
t.start()
time.sleep(0.1)
pid = os.fork()  # expect: fork-with-threads
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
stop.set()
t.join()
