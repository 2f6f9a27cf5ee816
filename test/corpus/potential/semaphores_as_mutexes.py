# title: two semaphores of one permit used as mutexes in both orders, apart in time
# expect: lock-order-inversion
# exit: 0
import threading
import time

tape = threading.Semaphore(1)
disk = threading.Semaphore(1)


def backup():
    with disk:
        with tape:  # expect: lock-order-inversion
            pass


def restore():
    time.sleep(0.2)
    with tape:
        with disk:  # expect: lock-order-inversion
            pass


threads = [threading.Thread(target=backup), threading.Thread(target=restore)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
