# title: subject and observer call each other under their own locks
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time


class Sensor:
    def __init__(self):
        self._lock = threading.Lock()
        self._display = None
        self.value = 0

    def attach(self, display):
        self._display = display

    def measure(self, value):
        with self._lock:
            self.value = value
            time.sleep(0.2)
            self._display.show(value)

    def read(self):
        with self._lock:  # expect: deadlock
            return self.value


class Display:
    def __init__(self, sensor):
        self._lock = threading.Lock()
        self.sensor = sensor

    def show(self, value):
        with self._lock:  # expect: deadlock
            print(value)

    def redraw(self):
        with self._lock:
            time.sleep(0.2)
            print(self.sensor.read())


sensor = Sensor()
display = Display(sensor)
sensor.attach(display)
threading.Thread(target=sensor.measure, args=(21,)).start()
threading.Thread(target=display.redraw).start()
