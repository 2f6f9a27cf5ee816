# title: sixty-four runnable threads
# expect: oversubscribed
# may: gil-bound
# not: deadlock hang
# exit: 0
import hashlib
import threading

block = b"x" * 200_000
all_begun = threading.Event()


def digest():
    all_begun.wait()
    for _ in range(60):
        hashlib.sha256(block).digest()


threads = [threading.Thread(target=digest) for _ in range(64)]
for t in threads:
    t.start()
all_begun.set()
for t in threads:
    t.join()
