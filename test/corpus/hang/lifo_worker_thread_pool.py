# title: a home-made pool whose workers wait while its owner waits for them
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading


class Pool:
    def __init__(self, n):
        self.tasks = queue.LifoQueue()
        self.threads = [threading.Thread(target=self.loop) for _ in range(n)]
        for t in self.threads:
            t.start()

    def loop(self):
        while True:
            fn, args = self.tasks.get()  # expect: hang
            fn(*args)

    def close(self):
        for t in self.threads:
            t.join()


pool = Pool(3)
for n in range(5):
    pool.tasks.put((print, (n,)))
pool.close()
