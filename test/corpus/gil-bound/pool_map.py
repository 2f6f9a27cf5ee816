# title: a thread pool for CPU work
# expect: gil-bound
# may: pool-saturated
# not: deadlock hang
# exit: 0
from concurrent.futures import ThreadPoolExecutor


def mandel(row):
    out = []
    for col in range(60):
        c = complex(-2 + col / 24, -1 + row / 30)
        z, n = 0j, 0
        while abs(z) < 2 and n < 4000:
            z, n = z * z + c, n + 1
        out.append(n)
    return sum(out)


with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(mandel, range(3000))))
