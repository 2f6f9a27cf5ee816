# title: two locks in opposite order, taken by pool workers
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import ThreadPoolExecutor, wait

src, dst = threading.Lock(), threading.Lock()
sync = threading.Barrier(2)


def copy(one, other):
    with one:
        sync.wait()
        with other:  # expect: deadlock
            return True


if __name__ == "__main__":
    executor = ThreadPoolExecutor(max_workers=4)
    pending = [executor.submit(copy, src, dst), executor.submit(copy, dst, src)]
    wait(pending)
