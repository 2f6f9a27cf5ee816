# title: a new pool for every request
# expect: thread-churn
# may: pool-idle
# not: deadlock hang
# exit: 0
from concurrent.futures import ThreadPoolExecutor


def request(n):
    with ThreadPoolExecutor(3) as pool:
        return sum(pool.map(abs, [n, -n, 1]))


print(sum(request(n) for n in range(200)))
