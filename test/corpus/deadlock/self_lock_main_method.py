# title: a public method calls a public method under the same Lock, on the main thread
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


class Stack:
    def __init__(self):
        self._lock = threading.Lock()
        self._items = []

    def push(self, item):
        with self._lock:
            self._items.append(item)

    def pop(self):
        with self._lock:
            if self.empty():
                return None
            return self._items.pop()

    def empty(self):
        with self._lock:  # expect: deadlock
            return not self._items


s = Stack()
s.push(1)
print(s.pop())
