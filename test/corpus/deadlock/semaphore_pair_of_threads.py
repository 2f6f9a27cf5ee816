# title: two semaphores of one permit in opposite order
# expect: deadlock
# timeout: 2
# exit: timeout
import threading
import time

printer = threading.Semaphore(1)
scanner = threading.BoundedSemaphore(1)


def copy():
    with scanner:
        time.sleep(0.1)
        with printer:  # expect: deadlock
            pass


def fax():
    with printer:
        time.sleep(0.1)
        with scanner:  # expect: deadlock
            pass


threads = [threading.Thread(target=copy), threading.Thread(target=fax)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
