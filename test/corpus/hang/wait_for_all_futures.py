# title: concurrent.futures.wait on a future that was never submitted
# expect: hang
# timeout: 3
# exit: timeout
from concurrent.futures import Future, ThreadPoolExecutor, wait

with ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(pow, 2, n) for n in range(3)]
    futures.append(Future())
    wait(futures)  # expect: hang
