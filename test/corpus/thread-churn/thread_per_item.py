# title: six hundred threads of a millisecond each
# expect: thread-churn
# not: deadlock hang
# exit: 0
import threading
import time

results = []


def handle(n):
    time.sleep(0.001)
    results.append(n)


for start in range(0, 600, 10):
    batch = [threading.Thread(target=handle, args=(n,)) for n in range(start, start + 10)]
    for t in batch:
        t.start()
    for t in batch:
        t.join()
print(len(results))
