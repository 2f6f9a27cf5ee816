# title: a producer dies before it puts the sentinel
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

q = queue.Queue(5)


def produce():
    try:
        for line in ["1", "2", "x", "4"]:
            q.put(int(line))
        q.put(None)
    except ValueError as error:
        print("producer:", error)


def consume():
    while (item := q.get()) is not None:  # expect: hang
        print(item)


threading.Thread(target=produce).start()
c = threading.Thread(target=consume)
c.start()
c.join()
