# title: a reader thread waits on a pipe that a slow writer feeds
# expect: nothing
# not: warning
# exit: 0
import os
import threading
import time

read_end, write_end = os.pipe()


def reader():
    with os.fdopen(read_end) as lines:
        for line in lines:
            print(line.strip())


thread = threading.Thread(target=reader)
thread.start()
with os.fdopen(write_end, "w") as out:
    for number in range(2):
        time.sleep(1.1)
        out.write(f"{number}\n")
        out.flush()
thread.join()
