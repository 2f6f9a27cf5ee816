# title: RLock re-entry with a second lock inside
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Tree:
    def __init__(self):
        self.lock = threading.RLock()
        self.stats = threading.Lock()
        self.count = 0

    def add(self, depth):
        with self.lock:
            with self.stats:
                self.count += 1
            if depth:
                self.add(depth - 1)


tree = Tree()


def grow():
    for _ in range(10):
        tree.add(3)
        time.sleep(0.01)


ts = [threading.Thread(target=grow) for _ in range(3)]
[t.start() for t in ts]
[t.join() for t in ts]
print(tree.count)
