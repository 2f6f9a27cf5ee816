# title: gridlock at a crossing, acquire in a loop over quadrants
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

quadrants = {q: threading.Lock() for q in ("NE", "NW", "SW", "SE")}
entered = threading.Barrier(4)


class Car(threading.Thread):
    def __init__(self, *path):
        super().__init__(name="car from " + path[0])
        self.path = path

    def run(self):
        taken = []
        for position, q in enumerate(self.path):
            quadrants[q].acquire()  # expect: deadlock
            taken.append(q)
            if position == 0:
                entered.wait()
        for q in reversed(taken):
            quadrants[q].release()


cars = [Car("NE", "NW"), Car("NW", "SW"), Car("SW", "SE"), Car("SE", "NE")]
for car in cars:
    car.start()
for car in cars:
    car.join()
