# title: nodes of one class locked from parent to child only
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Folder:
    def __init__(self, name, *children):
        self.name, self.children = name, children
        self.mutex = threading.Lock()

    def size(self):
        with self.mutex:
            return 1 + sum(child.size() for child in self.children)


root = Folder("/", Folder("etc", Folder("ssh")), Folder("var", Folder("log"), Folder("tmp")))


def measure():
    for _ in range(10):
        root.size()
        time.sleep(0.01)


ts = [threading.Thread(target=measure) for _ in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
