# title: rows and columns of a grid locked by lists of locks
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time

rows = [threading.Lock() for _ in range(3)]
cols = [threading.Lock() for _ in range(3)]
grid = [[0] * 3 for _ in range(3)]


def by_row(r):
    with rows[r]:
        time.sleep(0.25)
        for c in range(3):
            with cols[c]:  # expect: deadlock
                grid[r][c] += 1


def by_col(c):
    with cols[c]:
        time.sleep(0.25)
        for r in range(3):
            with rows[r]:  # expect: deadlock
                grid[r][c] += 1


t = threading.Thread(target=by_row, args=(0,))
u = threading.Thread(target=by_col, args=(0,))
t.start()
u.start()
t.join()
u.join()
