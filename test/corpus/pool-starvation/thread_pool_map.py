# title: map inside map on the same pool
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=3)


def cell(n):
    return n * n


def row(r):
    return list(pool.map(cell, range(r, r + 3)))  # expect: pool-starvation|deadlock


print(list(pool.map(row, range(6))))
