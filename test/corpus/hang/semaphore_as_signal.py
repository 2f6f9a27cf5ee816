# title: waits for a signal semaphore that is released once too few
# expect: hang
# timeout: 3
# exit: timeout
import threading

done = threading.Semaphore(0)


def worker(n):
    if n != 2:
        done.release()


for n in range(3):
    threading.Thread(target=worker, args=(n,)).start()
for _ in range(3):
    done.acquire()  # expect: hang
print("all done")
