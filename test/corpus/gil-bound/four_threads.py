# title: four threads of pure Python arithmetic
# expect: gil-bound
# not: deadlock hang
# exit: 0
import threading


def collatz(limit):
    longest = 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        longest = max(longest, steps)
    return longest


threads = [threading.Thread(target=collatz, args=(24_000,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
