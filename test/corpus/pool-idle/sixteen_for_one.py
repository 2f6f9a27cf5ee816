# title: sixteen workers, one item at a time
# expect: pool-idle
# not: warning
# exit: 0
import threading
import time
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(16) as pool:
    ready = threading.Barrier(16)
    list(pool.map(lambda _: ready.wait(), range(16)))
    for n in range(20):
        pool.submit(time.sleep, 0.1).result()
