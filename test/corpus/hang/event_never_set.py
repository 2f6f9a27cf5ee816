# title: an Event that nobody sets
# expect: hang
# timeout: 3
# exit: timeout
import threading

finished = threading.Event()


def work():
    total = sum(range(10_000))
    if total < 0:
        finished.set()


t = threading.Thread(target=work)
t.start()
finished.wait()  # expect: hang
print("done")
