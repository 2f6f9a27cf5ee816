# title: an observer list locked while it calls back, and callbacks that subscribe under their own lock
# expect: lock-order-inversion
# exit: 0
import threading
import time


class Bus:
    def __init__(self):
        self._lock = threading.RLock()
        self._listeners = []

    def subscribe(self, listener):
        with self._lock:  # expect: lock-order-inversion
            self._listeners.append(listener)

    def publish(self, event):
        with self._lock:
            for listener in self._listeners:
                listener(event)


class Cart:
    def __init__(self, bus):
        self._lock = threading.RLock()
        self._bus = bus
        self.events = 0

    def open(self):
        with self._lock:
            self._bus.subscribe(self.on_event)

    def on_event(self, event):
        with self._lock:  # expect: lock-order-inversion
            self.events += 1


bus = Bus()
cart = Cart(bus)
opener = threading.Thread(target=cart.open)
opener.start()
publisher = threading.Thread(target=lambda: (time.sleep(0.2), bus.publish("x")))
publisher.start()
opener.join()
publisher.join()
