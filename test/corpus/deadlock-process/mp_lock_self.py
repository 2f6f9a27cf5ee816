# title: a child takes one mp.Lock twice
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


class Counter:
    def __init__(self, ctx):
        self.lock = ctx.Lock()
        self.value = ctx.Value("i", 0, lock=False)

    def add(self, n):
        with self.lock:
            self.value.value = self.get() + n

    def get(self):
        with self.lock:  # expect: deadlock
            return self.value.value


def child(counter):
    counter.add(1)


if __name__ == "__main__":
    counter = Counter(mp.get_context("spawn"))
    p = mp.get_context("spawn").Process(target=child, args=(counter,))
    p.start()
    p.join()
