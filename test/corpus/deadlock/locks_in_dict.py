# title: a lock per key in a dict, taken in the caller's order
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from collections import defaultdict

key_locks = defaultdict(threading.Lock)
for key in ("a", "b"):
    key_locks[key]
in_step = threading.Barrier(2, timeout=10)


def move(src, dst, data):
    key_locks[src].acquire()
    in_step.wait()
    key_locks[dst].acquire()  # expect: deadlock
    data[dst] = data.pop(src)


data = {"a": 1, "b": 2}
threading.Thread(target=move, args=("a", "b", data)).start()
threading.Thread(target=move, args=("b", "a", data)).start()
