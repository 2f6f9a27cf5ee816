# title: transfers between three branches in a ring, through a helper that locks both sides
# expect: deadlock
# timeout: 2
# exit: timeout
import threading


class Branch:
    def __init__(self, name):
        self.name = name
        self.guard = threading.Lock()
        self.cash = 100


def move(source, target, together):
    with source.guard:
        together.wait()
        with target.guard:  # expect: deadlock
            source.cash -= 1
            target.cash += 1


branches = [Branch(name) for name in "abc"]
together = threading.Barrier(3)
threads = [
    threading.Thread(target=move, args=(branches[i], branches[(i + 1) % 3], together), name=f"clerk-{i}")
    for i in range(3)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
