# title: two classes that lock each other's objects
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time


class Inventory:
    def __init__(self):
        self._lock = threading.Lock()
        self.shop = None
        self.count = 10

    def restock(self):
        with self._lock:
            self.count += 1
            self.shop.notice()

    def take(self):
        with self._lock:  # expect: lock-order-inversion
            self.count -= 1


class Shop:
    def __init__(self, inventory):
        self._mutex = threading.Lock()
        self.inventory = inventory
        inventory.shop = self

    def notice(self):
        with self._mutex:  # expect: lock-order-inversion
            pass

    def sell(self):
        with self._mutex:
            self.inventory.take()


def main():
    shop = Shop(Inventory())
    seller = threading.Thread(target=shop.sell)

    def later():
        time.sleep(0.25)
        shop.inventory.restock()

    stocker = threading.Thread(target=later)
    seller.start()
    stocker.start()
    seller.join()
    stocker.join()


main()
