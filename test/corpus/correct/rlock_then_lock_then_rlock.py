# title: RLock, Lock, RLock again: looks like a cycle, is a re-entry
# expect: nothing
# not: warning
# exit: 0
import threading
import time

outer = threading.RLock()
inner = threading.Lock()


def notify():
    with outer:
        pass


def work():
    for _ in range(10):
        with outer:
            with inner:
                notify()
        time.sleep(0.01)


threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
