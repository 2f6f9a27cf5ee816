# title: a pool whose workers wait a second for the next item
# expect: nothing
# not: warning
# may: pool-idle
# exit: 0
import time
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(3) as pool:
    print(pool.submit(pow, 2, 10).result())
    time.sleep(1.5)
    print([f.result() for f in [pool.submit(pow, 3, n) for n in range(3)]])
