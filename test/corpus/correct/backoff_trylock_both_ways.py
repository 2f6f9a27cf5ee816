# title: try-locks in both orders with release and back-off
# expect: nothing
# not: warning
# exit: 0
import random
import threading
import time

left, right = threading.Lock(), threading.Lock()


def work(first, second):
    done = 0
    while done < 20:
        with first:
            if second.acquire(blocking=False):
                try:
                    done += 1
                finally:
                    second.release()
        time.sleep(random.random() * 0.003)


threads = [
    threading.Thread(target=work, args=(left, right)),
    threading.Thread(target=work, args=(right, left)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
