
import threading
lock = threading.Lock()
def work():
    with lock:
        value = 1
    return value
thread = threading.Thread(target=work, name="own")
thread.start()
thread.join()
print("done")
