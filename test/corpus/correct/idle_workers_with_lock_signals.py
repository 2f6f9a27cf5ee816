# title: idle daemon workers that are told to go on by a lock their master gives back
# expect: nothing
# not: warning
# exit: 0
import queue
import threading


class Worker:
    """A cached thread: its lock is held while there is no job, and given back when there is one."""

    def __init__(self, idle):
        self.idle = idle
        self.job = None
        self.lock = threading.Lock()
        self.lock.acquire()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while self.lock.acquire(timeout=10):
            job, done = self.job
            result = job()
            self.idle.append(self)
            done.put(result)

    def start(self, job, done):
        self.job = (job, done)
        self.lock.release()


idle, done = [], queue.Queue()
for _ in range(3):
    busy = [idle.pop() if idle else Worker(idle) for _ in range(4)]
    for worker in busy:
        worker.start(lambda: sum(range(1000)), done)
    print([done.get() for _ in busy])
