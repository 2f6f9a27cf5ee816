# title: two futures of one pool wait for each other
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

futures = {}
both = threading.Event()


def ping():
    both.wait()
    return futures["pong"].result()  # expect: deadlock


def pong():
    both.wait()
    return futures["ping"].result()  # expect: deadlock


with ThreadPoolExecutor(max_workers=4) as ex:
    futures["ping"] = ex.submit(ping)
    futures["pong"] = ex.submit(pong)
    both.set()
