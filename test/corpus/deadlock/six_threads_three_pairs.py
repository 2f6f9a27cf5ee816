# title: two separate deadlocks in one program
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


def pair(one, two, meet):
    with one:
        meet.wait()
        with two:  # expect: deadlock
            pass


def lock_up():
    x, y, meet = threading.Lock(), threading.Lock(), threading.Barrier(2)
    return [
        threading.Thread(target=pair, args=(x, y, meet)),
        threading.Thread(target=pair, args=(y, x, meet)),
    ]


def self_block(lock):
    with lock:
        with lock:  # expect: deadlock
            pass


threads = lock_up() + [threading.Thread(target=self_block, args=(threading.Lock(),))]
for t in threads:
    t.start()
for t in threads:
    t.join()
