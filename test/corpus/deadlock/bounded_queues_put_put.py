# title: two stages fill each other's bounded queue
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import queue
import threading

forward = queue.Queue(maxsize=2)
back = queue.Queue(maxsize=2)


def left():
    for n in range(100):
        for part in "ab":
            forward.put((n, part))  # expect: deadlock|hang
        back.get()


def right():
    while True:
        item = forward.get()
        for _ in range(3):
            back.put(item)  # expect: deadlock|hang


a = threading.Thread(target=left, name="left")
b = threading.Thread(target=right, name="right")
a.start()
b.start()
a.join()
