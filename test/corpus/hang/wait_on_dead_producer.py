# title: a queue whose only producer has ended
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

lines = queue.Queue()


def read():
    for text in ("a", "b", "c"):
        lines.put(text)


reader = threading.Thread(target=read)
reader.start()
got = []
while len(got) < 4:
    got.append(lines.get())  # expect: hang
