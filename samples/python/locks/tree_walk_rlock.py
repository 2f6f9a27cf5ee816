# title: The same walk with an RLock
# seeds: S06
# shows: the owner takes its own RLock again at every level; the lock is held once, from the root's visit to the end.
# expect: nothing
# not: warning
# cure-of: locks/tree_walk_deadlock.py
# timeout: 15
# exit: 0
"""An RLock knows its owner and lets it in again; it must be released as often as it was taken."""

import threading
import time


class Node:
    def __init__(self, name: str, *children: "Node") -> None:
        self.name = name
        self.children = children


class Tree:
    def __init__(self, root: Node) -> None:
        self.root = root
        self._lock = threading.RLock()
        self.visited = 0

    def walk(self, node: Node) -> None:
        with self._lock:
            self.visited += 1
            for child in node.children:
                self.walk(child)

    def rename(self, node: Node, name: str) -> None:
        with self._lock:
            node.name = name


def main() -> None:
    leaves = [Node(f"file-{number}") for number in range(3)]
    tree = Tree(Node("root", Node("folder", *leaves), Node("empty")))

    def walk_often() -> None:
        for _ in range(50):
            tree.walk(tree.root)
            time.sleep(0.01)

    def rename_often() -> None:
        for turn in range(50):
            tree.rename(leaves[turn % 3], f"renamed-{turn}")
            time.sleep(0.01)

    workers = [
        threading.Thread(target=walk_often, name="walker"),
        threading.Thread(target=rename_often, name="renamer"),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"visited {tree.visited} nodes in 50 walks")


if __name__ == "__main__":
    main()
