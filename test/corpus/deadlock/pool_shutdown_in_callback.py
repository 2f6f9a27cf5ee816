# title: a done callback waits for the shutdown of the pool it runs in
# expect: deadlock|hang|pool-starvation
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)
started = threading.Event()


def work():
    started.wait()


def other():
    pool.submit(print, "more").result()  # expect: deadlock|hang|pool-starvation


future = pool.submit(work)
future.add_done_callback(lambda f: other())
started.set()
pool.shutdown(wait=True) if future.cancelled() else threading.Event().wait(0.2)
future.result()
print(pool.submit(pow, 2, 2).result())
