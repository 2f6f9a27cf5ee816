# title: forty items for two workers
# expect: pool-saturated
# not: deadlock hang
# exit: 0
import time
from concurrent.futures import ThreadPoolExecutor


def thumbnail(n):
    time.sleep(0.1)
    return n


with ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(thumbnail, n) for n in range(50)]
    print(sum(f.result() for f in futures))
