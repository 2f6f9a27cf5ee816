# title: daemon threads deadlock while main goes on and exits
# expect: deadlock
# may: daemon-killed
# timeout: 15
# exit: 0
import threading
import time

index_lock = threading.Lock()
file_lock = threading.Lock()
meet = threading.Barrier(2)


def indexer():
    with index_lock:
        meet.wait()
        with file_lock:  # expect: deadlock
            pass


def cleaner():
    with file_lock:
        meet.wait()
        with index_lock:  # expect: deadlock
            pass


threading.Thread(target=indexer, daemon=True).start()
threading.Thread(target=cleaner, daemon=True).start()
for n in range(20):
    time.sleep(0.1)
print("main is done and knows nothing")
