# title: the consumers have left and a producer stands before a full queue
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

lines = queue.Queue(maxsize=3)


def consumer():
    for _ in range(2):
        lines.get()


threading.Thread(target=consumer).start()
for number in range(20):
    lines.put(number)  # expect: hang
