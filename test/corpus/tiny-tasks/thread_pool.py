# title: ten thousand additions submitted one by one
# expect: tiny-tasks
# may: pool-saturated gil-bound
# not: deadlock hang
# exit: 0
from concurrent.futures import ThreadPoolExecutor
from operator import add

with ThreadPoolExecutor(4) as pool:
    futures = [pool.submit(add, n, 1) for n in range(10_000)]
    print(sum(f.result() for f in futures))
