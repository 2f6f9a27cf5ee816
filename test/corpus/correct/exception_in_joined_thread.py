# title: futures whose exceptions are all looked at
# expect: nothing
# not: warning
# exit: 0
from concurrent.futures import ThreadPoolExecutor, as_completed


def check(n):
    if n == 2:
        raise ValueError(n)
    return n


with ThreadPoolExecutor(2) as pool:
    for future in as_completed([pool.submit(check, n) for n in range(4)]):
        print(future.exception() or future.result())
