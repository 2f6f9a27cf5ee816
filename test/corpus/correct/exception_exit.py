# title: a program that ends with an exception, its pool closed properly
# expect: nothing
# not: warning
# exit: 1
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-1, -2])))
raise SystemExit(1)
