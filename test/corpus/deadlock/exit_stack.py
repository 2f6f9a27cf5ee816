# title: locks entered through an ExitStack in the order of the request
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time
from contextlib import ExitStack

tables = {name: threading.Lock() for name in ("a", "b", "c")}


def run_query(*names):
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(tables[name])  # expect: deadlock
            time.sleep(0.2)
        print("query over", names)


q1 = threading.Thread(target=run_query, args=("a", "b"))
q2 = threading.Thread(target=run_query, args=("b", "c"))
q3 = threading.Thread(target=run_query, args=("c", "a"))
for q in (q1, q2, q3):
    q.start()
for q in (q1, q2, q3):
    q.join()
