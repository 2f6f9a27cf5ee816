# title: A lock taken twice by the same thread
# seeds: S06
# shows: the walker holds Tree._lock and asks for it again one level down. One thread is enough for a deadlock: owner and waiter are the same.
# expect: deadlock
# not: hang lock-order-inversion
# timeout: 5
# exit: timeout
"""A recursive walk under a plain Lock; its cure is tree_walk_rlock.py."""

import threading


class Node:
    def __init__(self, name: str, *children: "Node") -> None:
        self.name = name
        self.children = children


class Tree:
    def __init__(self, root: Node) -> None:
        self.root = root
        self._lock = threading.Lock()
        self.visited = 0

    def walk(self, node: Node) -> None:
        with self._lock:  # expect: deadlock
            self.visited += 1
            print(f"visiting {node.name}")
            for child in node.children:
                self.walk(child)  # comes back to the `with` above, still holding the lock


def main() -> None:
    leaves = [Node(f"file-{number}") for number in range(3)]
    tree = Tree(Node("root", Node("folder", *leaves), Node("empty")))
    walker = threading.Thread(target=tree.walk, args=(tree.root,), name="walker")
    walker.start()
    walker.join()
    print(f"visited {tree.visited} nodes")


if __name__ == "__main__":
    main()
