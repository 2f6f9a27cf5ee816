# title: a hundred thousand short uncontended locks
# expect: nothing
# not: warning
# exit: 0
import threading

locks = [threading.Lock() for _ in range(100)]
done = 0
for n in range(100_000):
    with locks[n % 100]:
        done += 1
print(done)
