# title: a recursive directory walk that submits its subfolders and waits
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
import time
from concurrent.futures import ThreadPoolExecutor

TREE = {"/": ["a", "b"], "a": ["a1", "a2"], "b": ["b1"], "a1": ["x"], "a2": [], "b1": ["y"], "x": [], "y": []}
executor = ThreadPoolExecutor(4)


def size(folder):
    time.sleep(0.05)
    children = [executor.submit(size, child) for child in TREE[folder]]
    return 1 + sum(child.result() for child in children)  # expect: pool-starvation|deadlock


roots = [executor.submit(size, "/") for _ in range(4)]
print([r.result() for r in roots])
