# title: hand-over-hand locking of a linked list
# expect: nothing
# not: warning
# exit: 0
import threading
import time


class Node:
    def __init__(self, value, following=None):
        self.value = value
        self.next = following
        self.lock = threading.Lock()


class SortedList:
    def __init__(self):
        self.head = Node(float("-inf"), Node(float("inf")))

    def insert(self, value):
        previous = self.head
        previous.lock.acquire()
        current = previous.next
        current.lock.acquire()
        while current.value < value:
            previous.lock.release()
            previous, current = current, current.next
            current.lock.acquire()
        previous.next = Node(value, current)
        current.lock.release()
        previous.lock.release()


numbers = SortedList()


def fill(start):
    for n in range(start, start + 60, 3):
        numbers.insert(n)
        time.sleep(0.005)


ts = [threading.Thread(target=fill, args=(s,)) for s in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
