# title: binary semaphores as mutexes, opposite order
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

gpu = threading.Semaphore(1)
disk = threading.Semaphore(1)


def train():
    gpu.acquire()
    disk.acquire()  # expect: lock-order-inversion
    time.sleep(0.05)
    disk.release()
    gpu.release()


def save():
    time.sleep(0.3)
    disk.acquire()
    gpu.acquire()  # expect: lock-order-inversion
    gpu.release()
    disk.release()


threading.Thread(target=train).start()
threading.Thread(target=save).start()
