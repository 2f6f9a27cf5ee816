# title: a ring over three locks that never closes because the threads run far apart
# expect: lock-order-inversion
# exit: 0
import threading
import time


class Registry:
    def __init__(self):
        self.users = threading.Lock()
        self.groups = threading.Lock()
        self.rights = threading.Lock()

    def add_user(self):
        with self.users:
            with self.groups:  # expect: lock-order-inversion
                time.sleep(0.01)

    def add_group(self):
        with self.groups:
            with self.rights:  # expect: lock-order-inversion
                time.sleep(0.01)

    def grant(self):
        with self.rights:
            with self.users:  # expect: lock-order-inversion
                time.sleep(0.01)


registry = Registry()


def later(seconds, method):
    time.sleep(seconds)
    method()


threads = [
    threading.Thread(target=later, args=(0.15 * i, method))
    for i, method in enumerate((registry.add_user, registry.add_group, registry.grant))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
