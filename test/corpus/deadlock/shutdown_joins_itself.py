# title: a stop method joins a worker that is just calling into the object that is being stopped
# expect: deadlock
# timeout: 2
# exit: timeout
import threading
import time


class Recorder:
    def __init__(self):
        self._mutex = threading.RLock()
        self._rows = []
        self._running = True
        self._worker = threading.Thread(target=self._loop, name="recorder")
        self._worker.start()

    def _loop(self):
        while True:
            time.sleep(0.02)
            with self._mutex:
                if not self._running:
                    return
                self._rows.append(time.time())

    def stop(self):
        with self._mutex:
            self._running = False
            time.sleep(0.05)
            self._worker.join()  # expect: deadlock


recorder = Recorder()
time.sleep(0.1)
recorder.stop()
