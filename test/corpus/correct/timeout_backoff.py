# title: acquire(timeout=) with back-off
# expect: nothing
# not: warning
# exit: 0
import random
import threading
import time


class Philosopher(threading.Thread):
    def __init__(self, left, right, seed):
        super().__init__()
        self.left, self.right, self.rng = left, right, random.Random(seed)
        self.meals = 0

    def run(self):
        while self.meals < 5:
            time.sleep(self.rng.uniform(0.01, 0.04))
            self.left.acquire()
            got = self.right.acquire(timeout=0.02)
            if got:
                self.meals += 1
                self.right.release()
            self.left.release()


forks = [threading.Lock() for _ in range(4)]
table = [Philosopher(forks[n], forks[(n + 1) % 4], n) for n in range(4)]
for p in table:
    p.start()
for p in table:
    p.join()
print([p.meals for p in table])
