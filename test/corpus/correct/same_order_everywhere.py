# title: the same order everywhere, three locks, many threads
# expect: nothing
# not: warning
# exit: 0
import random
import threading
import time

LOCKS = [threading.Lock() for _ in range(3)]


def use(seed):
    rng = random.Random(seed)
    for _ in range(15):
        chosen = sorted(rng.sample(range(3), 2))
        for i in chosen:
            LOCKS[i].acquire()
        for i in reversed(chosen):
            LOCKS[i].release()
        time.sleep(0.01)


ts = [threading.Thread(target=use, args=(n,)) for n in range(6)]
for t in ts:
    t.start()
for t in ts:
    t.join()
