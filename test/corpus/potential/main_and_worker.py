# title: main takes the locks the other way round while the worker lives
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading
import time

ui = threading.RLock()
model = threading.RLock()
stop = threading.Event()


def background():
    while not stop.is_set():
        with model:
            with ui:  # expect: lock-order-inversion
                pass
        time.sleep(0.2)


worker = threading.Thread(target=background)
worker.start()
time.sleep(0.1)
with ui:
    with model:  # expect: lock-order-inversion
        print("clicked")
stop.set()
worker.join()
