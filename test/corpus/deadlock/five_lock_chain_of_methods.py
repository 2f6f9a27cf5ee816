# title: a five-lock cycle through methods of one class
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time


class Zone:
    zones = []

    def __init__(self, number):
        self.number = number
        self._guard = threading.RLock()
        self.cars = 0
        Zone.zones.append(self)

    def leave_to(self, other):
        with self._guard:
            self.cars -= 1
            time.sleep(0.3)
            other.enter()

    def enter(self):
        with self._guard:  # expect: deadlock
            self.cars += 1


for n in range(5):
    Zone(n)
drivers = [
    threading.Thread(target=z.leave_to, args=(Zone.zones[(z.number + 1) % 5],)) for z in Zone.zones
]
for d in drivers:
    d.start()
for d in drivers:
    d.join()
