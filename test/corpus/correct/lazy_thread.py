# title: a helper thread started when it is first needed
# expect: nothing
# not: warning
# exit: 0
import queue
import threading


class Mailer:
    def __init__(self):
        self._lock = threading.Lock()
        self._thread = None
        self._outbox = queue.Queue()
        self.sent = []

    def send(self, text):
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run)
                self._thread.start()
        self._outbox.put(text)

    def _run(self):
        for text in iter(self._outbox.get, None):
            self.sent.append(text)

    def close(self):
        self._outbox.put(None)
        self._thread.join()


mailer = Mailer()
ts = [threading.Thread(target=mailer.send, args=(str(n),)) for n in range(5)]
for t in ts:
    t.start()
for t in ts:
    t.join()
mailer.close()
print(len(mailer.sent))
