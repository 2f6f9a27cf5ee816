# title: two single-worker pools, each waiting for a future of the other
# expect: deadlock|pool-starvation
# timeout: 2
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

east, west = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
both = threading.Barrier(2)


def ask(other):
    both.wait()
    return other.submit(len, "abc").result()  # expect: deadlock|pool-starvation


one = east.submit(ask, west)
two = west.submit(ask, east)
print(one.result(), two.result())
