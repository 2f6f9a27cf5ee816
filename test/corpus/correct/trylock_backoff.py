# title: try-lock with back-off
# expect: nothing
# not: warning
# exit: 0
import random
import threading
import time

left, right = threading.Lock(), threading.Lock()


def move(first, second, seed):
    rng = random.Random(seed)
    moved = 0
    while moved < 15:
        with first:
            if second.acquire(blocking=False):
                moved += 1
                second.release()
        time.sleep(rng.uniform(0.002, 0.01))


t = threading.Thread(target=move, args=(left, right, 1))
u = threading.Thread(target=move, args=(right, left, 2))
t.start()
u.start()
t.join()
u.join()
