# title: every worker holds one of n permits and wants a second
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

CONNECTIONS = 3
pool = threading.Semaphore(CONNECTIONS)
all_have_one = threading.Barrier(CONNECTIONS)


def copy_table(name):
    pool.acquire()
    all_have_one.wait()
    pool.acquire()  # expect: deadlock
    print("copied", name)
    pool.release()
    pool.release()


workers = [threading.Thread(target=copy_table, args=(n,)) for n in ("users", "orders", "items")]
for w in workers:
    w.start()
for w in workers:
    w.join()
