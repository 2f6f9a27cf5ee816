# title: a sorted list locked hand over hand, walked by many threads, with nodes created under lock
# expect: nothing
# not: warning
# exit: 0
import random
import threading


class Node:
    def __init__(self, value, after=None):
        self.value = value
        self.after = after
        self.lock = threading.Lock()


head = Node(-1)


def insert(value):
    here = head
    here.lock.acquire()
    while here.after is not None:
        here.after.lock.acquire()
        if here.after.value >= value:
            here.after.lock.release()
            break
        here, before = here.after, here
        before.lock.release()
    here.after = Node(value, here.after)
    here.lock.release()


def many(seed):
    numbers = random.Random(seed)
    for _ in range(60):
        insert(numbers.randrange(1000))


threads = [threading.Thread(target=many, args=(seed,)) for seed in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
