# title: a thread blocked in a pipe read until its writer closes
# expect: nothing
# not: warning
# exit: 0
import os
import threading
import time

r, w = os.pipe()
lines = []


def reader():
    with os.fdopen(r) as pipe:
        lines.extend(pipe)


t = threading.Thread(target=reader)
t.start()
time.sleep(1.2)
os.write(w, b"late\n")
os.close(w)
t.join()
print(lines)
